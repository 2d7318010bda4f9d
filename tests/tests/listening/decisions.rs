//! What handlers ask for beyond "handled" and "failed": as an outcome, or for an error, by `classify`.

use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen::testing::{Instance, TestKafka};
use kafka_listen::{Event, PauseReason};

use crate::support::{Notes, header, millis, seconds, send, times};

#[derive(Debug, thiserror::Error)]
enum SmtpError {
    #[error("busy for {0:?}")]
    Busy(Duration),
    #[error("no such user")]
    NoSuchUser,
    #[error("a duplicate")]
    Duplicate,
    #[error("no connection")]
    Connection,
    #[error("misconfigured")]
    Misconfigured,
}

fn judge(error: &SmtpError) -> Decision {
    match error {
        SmtpError::Busy(time) => Decision::RetryAfter(*time),
        SmtpError::NoSuchUser => Decision::DeadLetter,
        SmtpError::Duplicate => Decision::Discard("sent already".into()),
        SmtpError::Connection => Decision::Retry,
        SmtpError::Misconfigured => Decision::Stop,
    }
}

fn sent(text: &str) -> Result<(), SmtpError> {
    match text.split_once(' ').unwrap_or((text, "")) {
        ("busy", seconds) => Err(SmtpError::Busy(self::seconds(seconds.parse().unwrap()))),
        ("nobody", _) => Err(SmtpError::NoSuchUser),
        ("twice", _) => Err(SmtpError::Duplicate),
        ("unplugged", _) => Err(SmtpError::Connection),
        ("misconfigured", _) => Err(SmtpError::Misconfigured),
        _ => Ok(()),
    }
}

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = "10s"), classify = judge, max_retry_after = "2h")]
async fn mail(text: &str, State(notes): State<Notes>) -> Result<(), SmtpError> {
    let mended = notes.all().iter().any(|note| note == "mended");
    notes.add(text);
    if mended { Ok(()) } else { sent(text) }
}

async fn started(kafka: &mut TestKafka, notes: &Notes) -> Instance {
    kafka.create_topic("t", 2);
    kafka.create_topic("u", 1);
    kafka.start(kafka.app().listener(mail).listener(beside).state(notes.clone())).await.unwrap()
}

#[kafka_listener(topic = "u", attempts = 1)]
async fn beside(text: &str, State(notes): State<Notes>) {
    notes.add(format!("beside {text}"));
}

#[tokio::test(start_paused = true)]
async fn retry_after_runs_exactly_then_in_a_retry_topic_and_holds_nothing_up() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    started(&mut kafka, &notes).await;
    for text in ["busy 90", "busy 3", "unplugged", "fine"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(millis(1)).await;
    assert_eq!(notes.all().last().unwrap(), "fine", "nothing waits in the lane");
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [3000, 6000, 10_000, 20_000, 90_000, 180_000], "to the millisecond");
    assert_eq!(kafka.dead_letters("t").len(), 3, "each was an attempt");
}

#[tokio::test(start_paused = true)]
async fn a_longer_wait_than_the_listener_allows_is_cut_and_told() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    started(&mut kafka, &notes).await;
    send(&kafka, "t", 0, "busy 86400").await;
    kafka.advance(seconds(1)).await;
    notes.add("mended");
    kafka.settle().await;
    assert_eq!(times(&kafka, "t-retry"), [7_200_000], "two hours, which are believed, too");
    let cut = |event: &Event| match event {
        Event::RetryAfterCut { record, asked, limit, .. } => Some((record.offset, *asked, *limit)),
        _ => None,
    };
    assert_eq!(kafka.events().iter().find_map(cut), Some((0, seconds(86_400), seconds(7200))));
    assert!(!kafka.events().iter().any(|event| matches!(event, Event::DueClamped { .. })));
}

#[tokio::test(start_paused = true)]
async fn what_is_given_up_or_discarded_is_not_tried_again() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    started(&mut kafka, &notes).await;
    for text in ["nobody", "twice"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["nobody", "twice"]);
    let dead = kafka.dead_letters("t");
    assert_eq!(dead.len(), 1);
    assert_eq!(header(&dead[0].headers, "kafka_exception-message"), Some(&b"no such user"[..]), "the error is told");
    assert_eq!(header(&dead[0].headers, "retry_topic-attempts"), Some(&2_i32.to_be_bytes()[..]));
    let discarded = |event: &Event| match event {
        Event::Discarded { record, reason, failure, .. } => {
            Some((record.offset, reason.clone(), failure.message.clone()))
        }
        _ => None,
    };
    let told = kafka.events().iter().find_map(discarded);
    assert_eq!(told, Some((1, "sent already".to_owned(), "a duplicate".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn stop_stops_its_listener_alone_and_its_record_is_the_first_when_it_goes_on() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    let instance = started(&mut kafka, &notes).await;
    send(&kafka, "t", 0, "unplugged").await;
    kafka.advance(seconds(1)).await;
    for text in ["first", "misconfigured", "behind"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(seconds(1)).await;
    for (topic, partition) in [("t", 1), ("u", 0)] {
        send(&kafka, topic, partition, "later").await;
    }
    kafka.advance(seconds(3600)).await;
    assert_eq!(
        notes.all(),
        ["unplugged", "first", "misconfigured", "beside later"],
        "nor retries, nor other partitions"
    );
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(2), "the record is unfinished");
    let stopped = |event: &Event| match event {
        Event::Paused { listener, reason: PauseReason::Stopped { record, message } } => {
            Some((listener.to_string(), record.offset, message.clone()))
        }
        _ => None,
    };
    let told: Vec<_> = kafka.events().iter().filter_map(stopped).collect();
    assert_eq!(told.len(), 1);
    assert_eq!((&*told[0].0, told[0].1), ("mail", 2));
    assert!(told[0].2.ends_with("misconfigured"), "{}", told[0].2);
    assert!(matches!(&kafka.paused(instance)[0].reason, PauseReason::Stopped { record, .. } if record.offset == 2));
    assert_eq!(kafka.cluster().members("test")[0].partitions.len(), 3, "it stays a member");
    notes.add("mended");
    kafka.resume(instance, "mail").unwrap();
    kafka.settle().await;
    let mut on = notes.all().split_off(5);
    assert_eq!(on.iter().find(|text| *text != "later" && *text != "unplugged").unwrap(), "misconfigured");
    on.sort();
    assert_eq!(on, ["behind", "later", "misconfigured", "unplugged"], "each once");
    assert!(kafka.paused(instance).is_empty() && kafka.dead_letters("t").is_empty());
}

#[kafka_listener(topic = "t", blocking(attempts = 3, delay = "1s"))]
async fn decides(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<Outcome, String> {
    notes.add(format!("{text} {}", attempt.in_place));
    match text {
        "later" if attempt.in_place == 1 => Ok(Decision::RetryAfter(millis(250)).into()),
        "later" => Err("not yet".to_owned()),
        "dead" => Ok(Decision::DeadLetter.into()),
        _ => Ok(Outcome::Done),
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_decides_by_what_it_returns_and_without_retry_topics_the_lane_waits() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(decides).state(notes.clone())).await.unwrap();
    for text in ["later", "dead", "done"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    assert_eq!(notes.all(), ["later 1", "later 2", "later 3", "dead 1", "done 1"], "in order");
    assert_eq!(times(&kafka, "t"), [0, 250, 1250, 1250, 1250], "its own time first, then the listener's");
    let dead = kafka.dead_letters("t");
    let message = header(&dead[1].headers, "kafka_exception-message");
    assert_eq!(message, Some(&b"the handler asked for the dead-letter topic"[..]));
}

#[kafka_listener(topic = "t", attempts = 2, classify = careless)]
async fn unjudged() -> Result<(), String> {
    Err("boom".to_owned())
}

fn careless(error: &String) -> Decision {
    panic!("cannot judge {error}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_classify_is_a_failure_like_another() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(unjudged)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!((times(&kafka, "t-retry"), kafka.dead_letters("t").len()), (vec![1000], 1));
    assert_eq!(kafka.deliveries()[0].error.as_deref(), Some("cannot judge boom"));
}
