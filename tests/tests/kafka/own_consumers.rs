//! Two members of one group in one process, each with topics of its own: a listener has properties for itself, or starts later.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kafka_listen::{Handle, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::support::{app, create_topic, lag, produce, until};

/// How often each record was handled, and by whom.
type Handled = Arc<Mutex<BTreeMap<String, usize>>>;

fn note(handled: &Handled, text: String) {
    *handled.lock().unwrap().entry(text).or_default() += 1;
}

#[kafka_listener(topic = "${group}-plain", group = "${group}", attempts = 2, backoff(delay = "100ms"))]
async fn plain(text: &str, attempt: Attempt, State(handled): State<Handled>) -> Result<(), String> {
    note(&handled, format!("plain {text} {}", attempt.number));
    if text.ends_with('7') { Err("never".to_owned()) } else { Ok(()) }
}

#[kafka_listener(
    topic = "${group}-own", group = "${group}", attempts = 2, backoff(delay = "100ms"),
    properties("fetch.wait.max.ms" = "${wait:20}", "session.timeout.ms" = "10000")
)]
async fn own(text: &str, attempt: Attempt, State(handled): State<Handled>) -> Result<(), String> {
    note(&handled, format!("own {text} {}", attempt.number));
    if text.ends_with('7') { Err("never".to_owned()) } else { Ok(()) }
}

#[kafka_listener(
    topic = "${group}-later",
    group = "${group}",
    attempts = 2,
    backoff(delay = "100ms"),
    auto_start = false
)]
async fn later(text: &str, attempt: Attempt, State(handled): State<Handled>) -> Result<(), String> {
    note(&handled, format!("later {text} {}", attempt.number));
    if text.ends_with('7') { Err("never".to_owned()) } else { Ok(()) }
}

const TOPICS: [&str; 3] = ["plain", "own", "later"];

fn create(group: &str) {
    TOPICS.iter().for_each(|topic| create_topic(&format!("{group}-{topic}"), 4, &[]));
}

async fn start(group: &str, handled: &Handled, properties: &[(&str, &str)]) -> Handle {
    let app = app().listener(plain).listener(own).listener(later).state(handled.clone()).property("group", group);
    let app = properties.iter().fold(app, |app, (name, value)| app.property(*name, *value));
    let mut handle = app.start().await.unwrap();
    handle.ready().await.unwrap();
    handle
}

async fn all_is_committed(group: &str, topics: &[&str]) {
    for topic in topics {
        let topic = format!("{group}-{topic}");
        until("the lag is 0", || lag(shared(), group, &topic) == 0).await;
        until("the lag of retries is 0", || lag(shared(), &format!("{group}-retry"), &format!("{topic}-retry")) == 0)
            .await;
    }
}

/// Every number was handled once, and those that fail twice.
fn expected(topics: &[&str], numbers: std::ops::Range<u64>) -> BTreeMap<String, usize> {
    let deliveries = |number: u64| if number % 10 == 7 { 2 } else { 1 };
    let of = |topic: &&str| {
        let all = numbers.clone().flat_map(move |n| (1..=deliveries(n)).map(move |attempt| (n, attempt)));
        all.map(|(number, attempt)| (format!("{topic} {number} {attempt}"), 1)).collect::<Vec<_>>()
    };
    topics.iter().flat_map(of).collect()
}

fn write(group: &str, topics: &[&str], numbers: std::ops::Range<u64>) {
    for topic in topics {
        produce(shared(), &format!("{group}-{topic}"), numbers.clone().map(|number| number.to_string()));
    }
}

/// Two processes, each with several members that read different topics of one group: everything is read, also after a process
/// has gone, and nothing twice.
async fn several_members(group: &str, properties: [&[(&str, &str)]; 2]) {
    let handled = Handled::default();
    create(group);
    let mut one = start(group, &handled, properties[0]).await;
    let mut two = start(group, &handled, properties[1]).await;
    write(group, &TOPICS[..2], 0..100);
    all_is_committed(group, &TOPICS[..2]).await;
    assert_eq!(*handled.lock().unwrap(), expected(&TOPICS[..2], 0..100), "what is not started is not read");
    write(group, &TOPICS[2..], 0..100);
    one.start_listener("later").unwrap();
    one.ready().await.unwrap();
    all_is_committed(group, &TOPICS).await;
    assert_eq!(*handled.lock().unwrap(), expected(&TOPICS, 0..100));
    two.start_listener("later").unwrap();
    two.ready().await.unwrap();
    one.stop().await;
    write(group, &TOPICS, 100..200);
    all_is_committed(group, &TOPICS).await;
    assert_eq!(*handled.lock().unwrap(), expected(&TOPICS, 0..200));
    two.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_one_group_that_read_different_topics_read_all_of_them_and_nothing_twice() {
    several_members("own-consumers", [&[], &[]]).await;
}

/// A static member keeps its place for its whole session when it stops, so this one's is short.
#[tokio::test(flavor = "multi_thread")]
async fn a_static_member_has_another_instance_id_for_each_of_its_consumers() {
    let session = ("session.timeout.ms", "10000");
    let (one, two) = ([("group.instance.id", "one"), session], [("group.instance.id", "two"), session]);
    several_members("own-consumers-static", [&one, &two]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_new_protocol_members_of_one_group_read_different_topics_too() {
    let handled = Handled::default();
    let group = "own-consumers-new";
    create(group);
    let app = app().listener(plain).listener(later).state(handled.clone());
    let mut handle = app.property("group", group).property("group.protocol", "consumer").start().await.unwrap();
    handle.ready().await.unwrap();
    write(group, &["plain", "later"], 0..100);
    all_is_committed(group, &["plain"]).await;
    handle.start_listener("later").unwrap();
    handle.ready().await.unwrap();
    all_is_committed(group, &["plain", "later"]).await;
    assert_eq!(*handled.lock().unwrap(), expected(&["plain", "later"], 0..100));
    handle.stop().await;
}
