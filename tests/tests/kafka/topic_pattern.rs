//! Topics by a pattern on a real Kafka: one that appears while the application runs is read, and the others are not disturbed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use kafka_listen::prelude::*;
use kafka_listen::{Event, Topic};
use kafka_listen_tests::real_kafka::shared;

use super::support::{Events, app, create_topic, lag, produce, topics, until};

/// How often each value was handled, with the topic it came from.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeMap<String, usize>>>);

impl Seen {
    fn of(&self, topic: &str) -> BTreeMap<String, usize> {
        let seen = self.0.lock().unwrap();
        let its = seen.iter().filter_map(|(key, count)| Some((key.strip_prefix(topic)?.strip_prefix('#')?, *count)));
        its.map(|(value, count)| (value.to_owned(), count)).collect()
    }
}

#[kafka_listener(
    topic_pattern = r"^pattern\.",
    group = "pattern",
    group_naming = "per-topic",
    attempts = 3,
    backoff(delay = 100, multiplier = 2),
    retention = "1d"
)]
async fn matching(value: &str, topic: Topic, State(seen): State<Seen>) -> Result<(), String> {
    *seen.0.lock().unwrap().entry(format!("{}#{value}", &*topic)).or_default() += 1;
    if value == "bad" { Err("no".to_owned()) } else { Ok(()) }
}

fn numbers(range: std::ops::Range<u32>) -> impl Iterator<Item = String> {
    range.map(|number| number.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_created_while_two_processes_run_is_read_soon_and_the_others_go_on() {
    create_topic("pattern.old", 4, &[]);
    // Looks like a topic of its chain, of another version.
    create_topic("pattern.old-retry-77", 1, &[]);
    let (seen, events) = (Seen::default(), Events::default());
    let start = || async {
        let app = app().listener(matching).state(seen.clone()).observer(events.observer());
        let mut running = app.property("topic.metadata.refresh.interval.ms", "1000").start().await.unwrap();
        running.ready().await.unwrap();
        running
    };
    let (one, two) = (start().await, start().await);
    produce(shared(), "pattern.old", numbers(0..500));
    create_topic("pattern.new", 2, &[]);
    let created = Instant::now();
    produce(shared(), "pattern.new", numbers(0..50).chain(["bad".to_owned()]));
    produce(shared(), "pattern.old", numbers(500..1000));
    until("the new topic is read from its beginning", || seen.of("pattern.new").len() == 51).await;
    // An interval, the rebalance that follows, and a machine that does much else.
    assert!(created.elapsed() < Duration::from_secs(30), "{:?}", created.elapsed());
    until("all of the old one is read", || seen.of("pattern.old").len() == 1000).await;
    until("the bad one is dead", || events.count(|event| matches!(event, Event::DeadLettered { .. })) == 1).await;
    produce(shared(), "pattern.new", numbers(50..100));
    until("the new one goes on", || seen.of("pattern.new").len() == 101).await;
    let refused = || events.count(|event| matches!(event, Event::CommitFailed { .. }));
    for topic in ["pattern.old", "pattern.new"] {
        // Not more than once, unless a commit met a rebalance.
        let repeated: Vec<_> = seen.of(topic).into_iter().filter(|(_, count)| *count != 1).collect();
        assert!(repeated.is_empty() || refused() > 0, "{topic}: {repeated:?}");
    }
    assert_eq!(seen.of("pattern.new-retry-100"), BTreeMap::from([("bad".to_owned(), 1)]));
    assert_eq!(seen.of("pattern.new-retry-200"), BTreeMap::from([("bad".to_owned(), 1)]));
    let there: BTreeSet<_> = topics(shared(), "pattern.").into_keys().collect();
    let chain = |topic: &str| ["", "-retry-100", "-retry-200", "-dlt"].map(|suffix| format!("{topic}{suffix}"));
    let mut expected: BTreeSet<_> = [chain("pattern.old"), chain("pattern.new")].into_iter().flatten().collect();
    expected.insert("pattern.old-retry-77".to_owned());
    assert_eq!(there, expected, "what looks like a topic of a chain is no source");
    assert_eq!(topics(shared(), "pattern.new-retry-200").into_values().collect::<Vec<_>>(), [2]);
    until("each process has found it", || events.count(|event| matches!(event, Event::TopicFound { .. })) == 2).await;
    // A commit that meets a rebalance is refused, and sent again.
    for (group, topic) in
        [("pattern", "pattern.old"), ("pattern", "pattern.new"), ("pattern-retry-200", "pattern.new-retry-200")]
    {
        until("all of it is committed", || lag(shared(), group, topic) == 0).await;
    }
    one.stop().await;
    two.stop().await;
}

#[kafka_listener(topic_pattern = r"^parting\.", group = "parting")]
async fn parting(value: &str, State(seen): State<Seen>) {
    tokio::time::sleep(Duration::from_millis(1)).await;
    *seen.0.lock().unwrap().entry(format!("all#{value}")).or_default() += 1;
}

/// Kafka answers no commit of a member that waits for the others of its group, and refuses it when they have come.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_the_group_joins_anew_for_a_topic_repeats_nothing() {
    create_topic("parting.old", 4, &[]);
    let seen = Seen::default();
    let start = |refresh: &'static str| {
        let (seen, events) = (seen.clone(), Events::default());
        async move {
            let app = app().listener(parting).state(seen).observer(events.observer());
            let mut running = app.property("topic.metadata.refresh.interval.ms", refresh).start().await.unwrap();
            running.ready().await.unwrap();
            (running, events)
        }
    };
    let (goes, found) = start("1000").await;
    // It hears of the other's new topic by its heartbeat alone, up to 3 s later.
    let (stays, _) = start("600000").await;
    let handled = || seen.of("all").len();
    produce(shared(), "parting.old", numbers(0..20_000));
    until("both are at work", || handled() > 200).await;
    create_topic("parting.new", 1, &[]);
    until("one finds the topic", || found.count(|event| matches!(event, Event::TopicFound { .. })) > 0).await;
    let before = handled();
    until("work goes on", || handled() > before + 200).await;
    goes.stop().await;
    until("the other handles the rest", || handled() == 20_000).await;
    let repeated: Vec<_> = seen.of("all").into_iter().filter(|(_, count)| *count != 1).collect();
    assert!(repeated.is_empty(), "{} of them, {:?} first", repeated.len(), repeated.first());
    stays.stop().await;
}
