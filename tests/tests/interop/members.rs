//! Groups whose members are part Java, part ours.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kafka_listen::{App, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::spring;
use super::support::{app, create_topic, produce, until};

type Seen = Arc<Mutex<Vec<String>>>;

#[kafka_listener(topic = "${topic}", group = "${topic}.group", attempts = 1)]
async fn count(value: &str, State(seen): State<Seen>) {
    seen.lock().unwrap().push(value.to_owned());
}

fn member(topic: &str, seen: &Seen) -> App {
    app().listener(count).property("topic", topic).state(seen.clone())
}

/// Spring reads a new topic of four partitions, all of them.
async fn springs(topic: &str) {
    spring();
    create_topic(topic, 4, &[]);
    spring().listen(topic);
    until("Spring has all partitions", || spring().assigned(topic).len() == 4).await;
}

/// Both have partitions, and each record is handled once, by one of them.
async fn share(topic: &str, properties: &[(&str, &str)]) {
    let seen = Seen::default();
    let member = properties.iter().fold(member(topic, &seen), |app, (name, value)| app.property(*name, *value));
    let mut running = member.start().await.unwrap();
    running.ready().await.unwrap();
    until("each has two partitions", || spring().assigned(topic).len() == 2).await;
    produce(shared(), topic, (0..100).map(|number| number.to_string()));
    let theirs = || spring().events("delivered", topic).len();
    until("all are handled", || seen.lock().unwrap().len() + theirs() >= 100).await;
    running.stop().await;
    until("Spring has all partitions again", || spring().assigned(topic).len() == 4).await;
    produce(shared(), topic, ["100".to_owned()]);
    let theirs = || spring().events("delivered", topic);
    until("Spring goes on", || theirs().iter().any(|event| event["value"] == "100")).await;
    spring().leave(topic);

    let (ours, theirs) = (seen.lock().unwrap().clone(), theirs());
    let theirs = theirs.iter().map(|event| event["value"].as_str().unwrap().to_owned());
    assert!(!ours.is_empty() && ours.len() < 100, "{} of 100 are ours", ours.len());
    let mut all = BTreeMap::<_, usize>::new();
    ours.into_iter().chain(theirs).for_each(|value| *all.entry(value).or_default() += 1);
    assert_eq!(all, (0..=100).map(|number| (number.to_string(), 1)).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_springs_default_ours_share_a_group_as_they_are() {
    springs("members.default").await;
    share("members.default", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_cooperative_members_of_java_ours_share_a_group_as_they_are() {
    springs("members.cooperative").await;
    share("members.cooperative", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_java_with_range_alone_refuse_ours_until_the_setting_is_made_that_the_error_names() {
    let topic = "members.range";
    springs(topic).await;
    let mut refused = member(topic, &Seen::default()).start().await.unwrap();
    let error = refused.failed().await.to_string();
    refused.stop().await;
    let setting = "partition.assignment.strategy";
    assert!(error.contains(setting) && error.contains("range") && error.contains("members.range.group"), "{error}");
    share(topic, &[(setting, "range")]).await;
}
