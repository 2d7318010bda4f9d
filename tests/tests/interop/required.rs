//! A DLT handler of Spring's may insist on each header that Spring writes about an error: of ours none lacks one, whatever failed.

use kafka_listen::{Event, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::spring;
use super::support::{Events, app, lag, read_all, until};

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("boom")]
    Alone,
    #[error("boom")]
    Caused(#[source] std::io::Error),
}

/// Fails as the first word of the value says.
#[kafka_listener(
    topic = "required.ours",
    group = "required.ours.group",
    group_naming = "per-topic",
    attempts = 2,
    backoff(delay = 300)
)]
async fn fail(value: &str, _: Key<&str>) -> Result<Outcome, Failed> {
    match value.split(' ').next() {
        Some("caused") => Err(Failed::Caused(std::io::Error::other("disk full"))),
        Some("traceless") => Err(Failed::Caused(std::io::Error::other("disk full ".repeat(200)))),
        Some("panic") => panic!("boom"),
        Some("asked") => Ok(Decision::DeadLetter.into()),
        _ => Err(Failed::Alone),
    }
}

/// What a record may take. The one that is longest fits without the trace of its error, which has 1024 bytes, and not with it.
const LIMIT: &str = "12000";
const LONGEST: usize = 10_900;

/// Records by what fails: the type of the error, that of its cause, and whether there is a trace.
const RECORDS: [(&str, &str, &str, bool); 6] = [
    ("alone", "interop::required::Failed", "interop::required::Failed", true),
    ("caused", "interop::required::Failed", "std::io::error::Error", true),
    ("panic", "panic", "panic", true),
    ("asked", "kafka_listen::Decision", "kafka_listen::Decision", true),
    ("unkeyed", "kafka_listen::Rejection", "kafka_listen::Rejection", true),
    ("traceless", "interop::required::Failed", "std::io::error::Error", false),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_dlt_handler_of_springs_that_requires_all_headers_of_an_error_gets_each_of_our_dead_letters_once() {
    spring().listen("required.ours-dlt");
    let events = Events::default();
    let running = app().property("message.max.bytes", LIMIT).listener(fail).observer(events.observer());
    let running = running.start().await.unwrap();
    // Some in each partition: Spring commits none that had nothing.
    for ((what, ..), partition) in RECORDS.into_iter().zip([0, 1].into_iter().cycle()) {
        let record = running.producer().to("required.ours").partition(partition);
        let record = if what == "unkeyed" { record } else { record.key("k") };
        let length = if what == "traceless" { LONGEST } else { 0 };
        record.text(format!("{what} {}", "x".repeat(length))).send().await.unwrap();
    }
    let told = || spring().events("dead", "required.ours-dlt");
    let (group, dlt) = ("required.ours.group-dlt", "required.ours-dlt");
    until("each is read, and committed", || told().len() >= RECORDS.len() && lag(shared(), group, dlt) == 0).await;
    running.stop().await;
    spring().leave(dlt);

    assert_eq!(read_all(shared(), dlt).len(), RECORDS.len(), "Spring has written none of them anew");
    let mut told: Vec<_> = told()
        .iter()
        .map(|dead| {
            let text = |name: &str| dead[name].as_str().unwrap().to_owned();
            let what = text("value").split(' ').next().unwrap().to_owned();
            (what, text("error"), text("cause"), !text("trace").is_empty())
        })
        .collect();
    told.sort();
    let mut must = RECORDS.map(|(what, error, cause, traced)| (what.into(), error.into(), cause.into(), traced));
    must.sort();
    assert_eq!(told, must);
    let left_out = |what| events.count(|event| matches!(event, Event::Shrunk { what: it, .. } if *it == what));
    assert!(left_out("the error's trace") > 0 && left_out("its value") == 0, "no more than the trace was left out");
}
