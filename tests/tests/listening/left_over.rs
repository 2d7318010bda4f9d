//! What an earlier version of a listener left on the cluster: read until nothing is left, handled as it would have been, reported.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, Raw, header, millis, raw, seconds, send, times};

macro_rules! version {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener(topic = "t", group = "g", id = "work", $($arguments)*)]
        pub async fn $name(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
            notes.add(format!("{text} {} of {}", attempt.number, attempt.of));
            Err("never".to_owned())
        }
    };
}
version!(five: attempts = 5, backoff(delay = 1000, multiplier = 2));
version!(three: attempts = 3, backoff(delay = 100, multiplier = 3));
version!(four: attempts = 4, backoff(delay = 100, multiplier = 3));
version!(twice: attempts = 2, backoff(delay = 700));
version!(by_index: attempts = 5, backoff(delay = 1000, multiplier = 2), suffix = "index");
version!(again: attempts = 5, backoff(delay = 1000, multiplier = 2), retry_suffix = "-again");
version!(dead: attempts = 5, backoff(delay = 1000, multiplier = 2), dlt_suffix = ".dead");
version!(in_place: blocking(attempts = 1));
version!(patient: attempts = 3, backoff(delay = "6h", multiplier = 2));

#[dlt_handler(five)]
async fn five_is_dead(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text} is dead"));
    if text == "unhandled" { Err("not now".to_owned()) } else { Ok(()) }
}

#[dlt_handler(dead)]
async fn dead_is_dead(topic: Topic, text: &str, State(notes): State<Notes>) {
    notes.add(format!("{text} in {}", &*topic));
}

/// A record on its way through the five deliveries, stopped while it waits for the third.
pub async fn waiting_for_the_third() -> (TestKafka, Notes) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 3);
    kafka.start(kafka.app().listener(five).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 1, "x").await;
    kafka.advance(seconds(2)).await;
    kafka.stop().await;
    assert_eq!(notes.all(), ["x 1 of 5", "x 2 of 5"]);
    (kafka, notes)
}

/// What was told of left-over topics.
fn left_over(kafka: &TestKafka) -> Vec<(String, u64)> {
    let of = |event| match event {
        Event::LeftOver { topic, records, .. } => Some((topic.to_string(), records)),
        _ => None,
    };
    kafka.events().into_iter().filter_map(of).collect()
}

/// Starts another version, until all is over; what it handled, and the dead letters' number.
pub async fn go_on<F: 'static>(kafka: &mut TestKafka, listener: F, notes: &Notes) -> (Vec<String>, usize) {
    kafka.start(kafka.app().listener(listener).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    for topic in kafka.cluster().topics().iter().filter(|topic| topic.starts_with("t-retry")) {
        assert_eq!(kafka.lag("g-retry", topic), 0, "{topic}");
    }
    (notes.all().split_off(2), kafka.dead_letters("t").len())
}

#[tokio::test(start_paused = true)]
async fn a_shorter_chain_with_other_delays_finishes_what_waits_in_the_old_one_when_it_is_due() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    let handled = go_on(&mut kafka, three, &notes).await;
    assert_eq!(handled, (vec!["x 3 of 3".to_owned()], 1));
    assert_eq!(times(&kafka, "t-retry-2000"), [3000], "when it was due, which the old version decided");
    let told: Vec<_> = ["1000", "2000", "4000", "8000"].map(|delay| format!("t-retry-{delay}")).into();
    assert_eq!(left_over(&kafka), told.into_iter().zip([0, 1, 0, 0]).collect::<Vec<_>>());
    let dead = &kafka.dead_letters("t")[0];
    assert_eq!(header(&dead.headers, "retry_topic-attempts"), Some(&[0, 0, 0, 4][..]));
    assert_eq!(header(&dead.headers, "kafka_original-partition"), Some(&[0, 0, 0, 1][..]));
}

#[tokio::test(start_paused = true)]
async fn a_wait_longer_than_any_of_todays_is_kept_as_the_old_topic_tells_it() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 3);
    kafka.start(kafka.app().listener(patient).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 1, "x").await;
    kafka.advance(seconds(2)).await;
    kafka.stop().await;
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["x 1 of 3", "x 2 of 3", "x 3 of 3"]);
    assert_eq!(times(&kafka, "t-retry-21600000"), [6 * 3_600_000]);
    assert!(!kafka.events().iter().any(|event| matches!(event, Event::DueClamped { .. })));
}

#[tokio::test(start_paused = true)]
async fn what_has_attempts_left_goes_on_in_todays_chain() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    let handled = go_on(&mut kafka, by_index, &notes).await;
    assert_eq!(handled.0, ["x 3 of 5", "x 4 of 5", "x 5 of 5"]);
    assert_eq!((times(&kafka, "t-retry-2"), times(&kafka, "t-retry-3")), (vec![7000], vec![15_000]));
}

#[tokio::test(start_paused = true)]
async fn topics_that_are_renamed_because_attempts_changed_strand_nothing_there_and_back() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    assert_eq!(go_on(&mut kafka, twice, &notes).await, (vec!["x 3 of 2".to_owned()], 1));
    send(&kafka, "t", 0, "y").await;
    kafka.advance(millis(100)).await;
    kafka.stop().await;
    let (handled, dead) = go_on(&mut kafka, five, &notes).await;
    // It waited in `t-retry`, where the DLT handler is new as well.
    let all = ["x 3 of 2", "y 1 of 2", "x is dead", "y 2 of 5", "y 3 of 5", "y 4 of 5", "y 5 of 5", "y is dead"];
    assert_eq!((handled, dead), (all.map(str::to_owned).to_vec(), 2));
}

#[tokio::test(start_paused = true)]
async fn another_suffix_and_no_retry_topics_at_all_strand_nothing() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    let (handled, _) = go_on(&mut kafka, again, &notes).await;
    assert_eq!(handled, ["x 3 of 5", "x 4 of 5", "x 5 of 5"], "known by what the group committed, not by its name");
    let (mut kafka, notes) = waiting_for_the_third().await;
    assert_eq!(go_on(&mut kafka, in_place, &notes).await, (vec!["x 3 of 1".to_owned()], 1));
}

#[tokio::test(start_paused = true)]
async fn an_instance_of_the_older_version_that_still_runs_strands_nothing_either() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 4);
    let old = kafka.start(kafka.app().listener(five).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    assert_eq!(left_over(&kafka).iter().map(|(_, records)| records).sum::<u64>(), 0, "nothing waits as it starts");
    kafka.advance(seconds(10)).await;
    for number in 0..40 {
        send(&kafka, "t", number % 4, "x").await;
    }
    kafka.advance(seconds(2)).await;
    kafka.stop_one(old).await;
    kafka.settle().await;
    assert_eq!(kafka.dead_letters("t").len(), 40);
    for topic in kafka.cluster().topics().iter().filter(|topic| topic.starts_with("t-retry")) {
        assert_eq!(kafka.lag("g-retry", topic), 0, "{topic}");
    }
}

#[tokio::test(start_paused = true)]
async fn dead_letters_that_were_not_handled_are_handled_though_the_dlt_has_another_name_now() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(five).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "unhandled").await;
    kafka.advance(seconds(20)).await;
    kafka.stop().await;
    kafka.start(kafka.app().listener(dead).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all().last().unwrap(), "unhandled in t-dlt");
    assert_eq!(left_over(&kafka), [("t-dlt".to_owned(), 1)]);
    assert!(kafka.records("t.dead").is_empty());
}

const ATTEMPTS: Raw<'_> = (b"retry_topic-attempts", Some(&[0, 0, 0, 2]));

/// The headers of a record of this source topic and group.
pub fn past<'a>(source: &'a str, group: &'a str) -> Vec<Raw<'a>> {
    let topic: Raw<'_> = (b"kafka_original-topic", Some(source.as_bytes()));
    let place: [Raw<'_>; 2] = [(b"kafka_original-partition", Some(&[0; 4])), (b"kafka_original-offset", Some(&[0; 8]))];
    let group: Raw<'_> = (b"kafka_dlt-original-consumer-group", Some(group.as_bytes()));
    [&[ATTEMPTS, topic, group], &place[..]].concat()
}

#[tokio::test(start_paused = true)]
async fn topics_that_only_look_left_over_are_left_alone() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["t", "t-retry-1", "t-retry-2", "t-retry-3", "t-retry-4", "t-retry-soon", "t-retrying-1", "t2-retry-1"]
    {
        kafka.create_topic(topic, 1);
    }
    let write = |topic: &str, headers: &[Raw<'_>]| {
        kafka.cluster().produce(raw(topic, 0, Some(topic.as_bytes()), headers)).unwrap();
    };
    write("t-retry-1", &[]);
    write("t-retry-2", &past("t", "another"));
    write("t-retry-3", &past("t-retry-3", "g"));
    write("t-retry-4", &past("t", "g"));
    for topic in ["t-retry-soon", "t-retrying-1", "t2-retry-1"] {
        write(topic, &past("t", "g"));
    }
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["t-retry-4 2 of 3", "t-retry-4 3 of 3"]);
    assert_eq!(left_over(&kafka), [("t-retry-4".to_owned(), 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_the_same_group_in_another_application_is_left_alone() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("t-x", 1);
    kafka.create_topic("t-x-retry", 1);
    kafka.cluster().produce(raw("t-x-retry", 0, Some(b"theirs"), &past("t-x", "g"))).unwrap();
    kafka.cluster().set_committed("g-retry", "t-x-retry", 0, 0).unwrap();
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert!(notes.all().is_empty() && left_over(&kafka).is_empty());
}
