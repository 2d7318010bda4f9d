//! Dead letters that take the route of their error: where one side's last delivery fails decides the topic, and the other side's DLT
//! handler reads it there.

use kafka_listen::App;
use kafka_listen_tests::real_kafka::shared;

use super::chains::{self, Both, Dead, letter, produce};
use super::compare::{differences, rows_of_page};
use super::spring;
use super::support::{Read, read_all, until};

const PATH: [&str; 5] = ["", "-retry-200", "-retry-400", "-retry-800", "-retry-1600"];
const ROUTE: &str = "-validation-dlt";
const DLTS: [&str; 2] = ["-dlt", ROUTE];

/// Records by what each of their deliveries fails with: how many there are, and where it ends. The last one decides.
const RECORDS: [(&str, usize, &str); 6] = [
    ("boom", 5, "-dlt"),
    ("invalid", 5, ROUTE),
    ("refused", 1, ROUTE),
    ("boom boom refused", 3, ROUTE),
    ("boom boom boom boom invalid", 5, ROUTE),
    ("invalid boom", 5, "-dlt"),
];

/// Every other retry topic is Spring's, and so is the source topic if `spring_begins`; the other side reads the dead letters.
async fn from_side_to_side(source: &str, spring_begins: bool, listener: impl FnOnce(App) -> App) {
    let by_spring = |hop: usize| spring_begins == hop.is_multiple_of(2);
    let hops = PATH.into_iter().enumerate().filter(|(hop, _)| by_spring(*hop)).map(|(_, suffix)| suffix);
    let dlts = DLTS.into_iter().filter(|_| !spring_begins);
    let springs: Vec<_> = hops.chain(dlts).map(|suffix| format!("{source}{suffix}")).collect();
    let both = Both::start(&springs, listener).await;
    RECORDS.iter().for_each(|(value, ..)| produce(source, "k", *value));
    until("each is a dead letter", || both.dead(source).len() >= RECORDS.len()).await;
    let (delivered, mut dead) = (both.delivered(source), both.dead(source));
    both.stop().await;

    dead.sort_by_key(|(_, it)| it.original_offset);
    assert_eq!(dead.len(), RECORDS.len(), "each once");
    for (offset, ((value, deliveries, dlt), dead)) in RECORDS.into_iter().zip(dead).enumerate() {
        let is = delivered.iter().filter(|(_, it)| it.value == value);
        let is: Vec<_> = is.map(|(spring, it)| (*spring, it.topic.clone(), it.attempt)).collect();
        let must = PATH.iter().enumerate().take(deliveries).zip(1..);
        let must: Vec<_> =
            must.map(|((hop, suffix), attempt)| (by_spring(hop), format!("{source}{suffix}"), attempt)).collect();
        assert_eq!(is, must, "{value}");
        assert_eq!(dead, (!spring_begins, told(source, offset, value, deliveries, dlt, spring_begins)));
    }
}

/// What the dead letter tells of a record whose last of so many deliveries failed on this side.
fn told(source: &str, offset: usize, value: &str, deliveries: usize, dlt: &str, by_spring: bool) -> Dead {
    let last = value.split(' ').next_back().unwrap();
    let (wrapped, of_this) = match last {
        "invalid" => ("Listener failed; invalid", "interop.Chain$Invalid"),
        "refused" => ("Listener failed; refused", "interop.Chain$Refused"),
        _ => ("Listener failed; boom", "java.lang.IllegalStateException"),
    };
    let (error, message) = if by_spring { (of_this, wrapped) } else { ("interop::chains::Failed", last) };
    Dead {
        topic: format!("{source}{dlt}"),
        value: value.to_owned(),
        original_offset: offset.try_into().unwrap(),
        error: Some(error.to_owned()),
        message: Some(message.to_owned()),
        ..letter(source, source, deliveries, by_spring)
    }
}

/// The dead letter of this record in the topic of the route.
fn routed(source: &str, value: &str) -> Read {
    let all = read_all(shared(), &format!("{source}{ROUTE}"));
    all.into_iter().find(|it| it.value.as_deref() == Some(value.as_bytes())).unwrap()
}

/// The names of the headers that the page tells of at these hops.
fn told_by_the_page(hops: &[&str]) -> Vec<String> {
    let rows = rows_of_page("### Through retry topics");
    let mut names: Vec<_> =
        rows.into_iter().filter(|[_, hop, ..]| hops.contains(&hop.as_str())).map(|[name, ..]| name).collect();
    names.dedup();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_take_the_route_of_their_last_error_and_the_other_side_reads_them() {
    spring();
    tokio::join!(
        from_side_to_side("routed.spring", true, |app| app.listener(chains::routed_spring::fail)),
        from_side_to_side("routed.ours", false, |app| app.listener(chains::routed_ours::fail)),
    );
    for (value, hops) in [("refused", &["each"][..]), ("invalid", &["each", "from the second on"])] {
        let differences = differences(&routed("routed.spring", value), &routed("routed.ours", value));
        let names: Vec<_> = differences.into_keys().collect();
        assert_eq!(names, told_by_the_page(hops), "as in the DLT of all: {value}");
    }
}
