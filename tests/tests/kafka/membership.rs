//! The two other ways to be a member of a group: static membership, and the protocol of KIP-848.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kafka_listen::{Event, Handle, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::support::{Events, app, create_topic, lag, produce, until};

/// How often each record was handled, and by whom.
type Handled = Arc<Mutex<BTreeMap<String, usize>>>;

#[kafka_listener(topic = "${topic}", group = "${topic}", attempts = 2, backoff(delay = "100ms"))]
async fn work(text: &str, attempt: Attempt, State(handled): State<Handled>) -> Result<(), String> {
    tokio::time::sleep(Duration::from_millis(1)).await;
    *handled.lock().unwrap().entry(format!("{text}, delivery {}", attempt.number)).or_default() += 1;
    if text.ends_with('7') { Err("never".to_owned()) } else { Ok(()) }
}

#[dlt_handler(work)]
async fn dead(text: &str, State(handled): State<Handled>) {
    *handled.lock().unwrap().entry(format!("{text}, dead")).or_default() += 1;
}

struct Instance {
    handle: Handle,
    events: Events,
}

async fn start(topic: &str, handled: &Handled, properties: &[(&str, &str)]) -> Instance {
    let events = Events::default();
    let app = app().listener(work).state(handled.clone()).property("topic", topic).observer(events.observer());
    let app = properties.iter().fold(app, |app, (name, value)| app.property(*name, *value));
    let mut handle = app.start().await.unwrap();
    handle.ready().await.unwrap();
    Instance { handle, events }
}

impl Instance {
    fn rebalances(&self) -> usize {
        self.events.count(|event| matches!(event, Event::Assigned { .. } | Event::Revoked { .. }))
    }
}

/// Every number of these was handled as often as it must be, and none more often.
fn check(handled: &Handled, numbers: u64) {
    let expected = (0..numbers).flat_map(|number| match number % 10 {
        7 => vec![format!("{number}, delivery 1"), format!("{number}, delivery 2"), format!("{number}, dead")],
        _ => vec![format!("{number}, delivery 1")],
    });
    assert_eq!(*handled.lock().unwrap(), expected.map(|delivery| (delivery, 1)).collect::<BTreeMap<_, _>>());
}

async fn all_is_committed(topic: &str) {
    for (group, topic) in [
        (topic.to_owned(), topic.to_owned()),
        (format!("{topic}-retry"), format!("{topic}-retry")),
        (format!("{topic}-dlt"), format!("{topic}-dlt")),
    ] {
        until("the lag is 0", || lag(shared(), &group, &topic) == 0).await;
    }
}

/// The others learn within this time that a member has left.
const HEARTBEAT: &str = "200";

/// One instance id for three groups is enough: main, retries, dead letters.
#[tokio::test(flavor = "multi_thread")]
async fn a_static_member_that_restarts_in_time_finds_its_place_and_disturbs_nobody() {
    let (topic, handled) = ("static-restart", Handled::default());
    create_topic(topic, 4, &[]);
    let named = |name| [("group.instance.id", name), ("heartbeat.interval.ms", HEARTBEAT)];
    let one = start(topic, &handled, &named("one")).await;
    let two = start(topic, &handled, &named("two")).await;
    until("they share the partitions", || two.rebalances() >= 6).await;
    produce(shared(), topic, (0..100).map(|number| number.to_string()));
    until("all are handled", || handled.lock().unwrap().len() == 120).await;
    let before = one.rebalances();
    two.handle.stop().await;
    produce(shared(), topic, (100..200).map(|number| number.to_string()));
    // Time for what must not happen.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(one.rebalances(), before, "the other member gets nothing while the place is kept");
    let began = Instant::now();
    let two = start(topic, &handled, &named("two")).await;
    assert!(began.elapsed() < Duration::from_secs(20), "nobody waits for a session to end: {:?}", began.elapsed());
    until("all are handled", || handled.lock().unwrap().len() == 240).await;
    all_is_committed(topic).await;
    check(&handled, 200);
    assert_eq!(one.rebalances(), before, "the other member noticed nothing");
    one.handle.stop().await;
    two.handle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_with_the_same_instance_id_ends_the_first_with_an_error_that_says_so() {
    let (topic, handled) = ("static-fenced", Handled::default());
    create_topic(topic, 1, &[]);
    let mut first = start(topic, &handled, &[("group.instance.id", "same")]).await;
    let second = start(topic, &handled, &[("group.instance.id", "same")]).await;
    let error = tokio::time::timeout(Duration::from_secs(60), first.handle.failed()).await.unwrap().to_string();
    assert!(error.contains("`group.instance.id`") && error.contains(topic), "{error}");
    first.handle.stop().await;
    produce(shared(), topic, (0..10).map(|number| number.to_string()));
    until("the second goes on", || handled.lock().unwrap().len() == 12).await;
    second.handle.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_new_protocol_members_join_and_leave_and_nothing_is_lost_or_repeated() {
    let (topic, handled) = ("new-protocol-app", Handled::default());
    create_topic(topic, 4, &[]);
    let properties = [("group.protocol", "consumer")];
    let one = start(topic, &handled, &properties).await;
    produce(shared(), topic, (0..200).map(|number| number.to_string()));
    let two = start(topic, &handled, &properties).await;
    until("the second has partitions", || two.rebalances() >= 4).await;
    produce(shared(), topic, (200..400).map(|number| number.to_string()));
    one.handle.stop().await;
    produce(shared(), topic, (400..500).map(|number| number.to_string()));
    until("all are handled", || handled.lock().unwrap().len() == 600).await;
    all_is_committed(topic).await;
    check(&handled, 500);
    let three = start(topic, &handled, &properties).await;
    two.handle.stop().await;
    produce(shared(), topic, (500..600).map(|number| number.to_string()));
    until("all are handled", || handled.lock().unwrap().len() == 720).await;
    check(&handled, 600);
    three.handle.stop().await;
}
