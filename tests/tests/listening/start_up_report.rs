//! What start-up tells of records that a group finds: those that name another group, and those that it reads once more.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::left_over::{five, four, go_on, past, three, waiting_for_the_third};
use crate::support::{Notes, raw, seconds};

#[kafka_listener(topic = "t", group = "new-name", attempts = 5, backoff(delay = 1000, multiplier = 2))]
async fn renamed(State(notes): State<Notes>) {
    notes.add("renamed");
}

/// What was told of records that name another group.
fn of_others(kafka: &TestKafka) -> Vec<(String, String, Vec<String>, u64)> {
    let of = |event| match event {
        Event::OtherGroupsRecords { group, named, topics, records, .. } => {
            Some((group.to_string(), named, topics.iter().map(ToString::to_string).collect(), records))
        }
        _ => None,
    };
    kafka.events().into_iter().filter_map(of).collect()
}

#[tokio::test(start_paused = true)]
async fn records_that_wait_for_a_group_that_was_renamed_are_reported_with_both_names() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    kafka.start(kafka.app().listener(renamed).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(60)).await;
    let told = ("new-name".to_owned(), "g".to_owned(), vec!["t-retry-2000".to_owned()], 1);
    assert_eq!(of_others(&kafka), [told]);
    assert_eq!(kafka.lag("g-retry", "t-retry-2000"), 1, "it waits for the old group");
    // The group is known from now on: it is told once.
    kafka.stop().await;
    kafka.start(kafka.app().listener(renamed).state(notes.clone())).await.unwrap();
    assert_eq!(of_others(&kafka).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn of_a_group_that_has_finished_its_records_nothing_is_told() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    go_on(&mut kafka, five, &notes).await;
    kafka.stop().await;
    kafka.start(kafka.app().listener(renamed).state(notes.clone())).await.unwrap();
    assert!(of_others(&kafka).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_read_again_because_commits_have_expired_is_told_before_it_begins() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.create_topic("t-retry-100", 1);
    for _ in 0..3 {
        kafka.cluster().produce(raw("t-retry-100", 0, Some(b"old"), &past("t", "g"))).unwrap();
    }
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    let told = kafka.events().into_iter().find_map(|event| match event {
        Event::FromTheBeginning { topic, group, records, .. } => Some((topic.to_string(), group, records)),
        _ => None,
    });
    assert_eq!(told, Some(("t-retry-100".to_owned(), "g-retry".to_owned(), 3)));
    kafka.settle().await;
    kafka.stop().await;
    let before = kafka.events().len();
    kafka.start(kafka.app().listener(three).state(notes)).await.unwrap();
    let again = kafka.events().split_off(before);
    assert!(!again.iter().any(|event| matches!(event, Event::FromTheBeginning { .. })));
}

/// The group of the listener that was renamed may have had one group for all retries, or one for each suffix, as in Spring.
#[tokio::test(start_paused = true)]
async fn what_the_old_group_has_finished_is_known_however_its_groups_were_called() {
    for (reader, told) in [("g-retry", 0), ("g-retry-2000", 0), ("g-retry-1000", 1)] {
        let (mut kafka, notes) = (TestKafka::new(), Notes::default());
        for topic in ["t", "t-retry-2000"] {
            kafka.create_topic(topic, 1);
        }
        kafka.cluster().produce(raw("t-retry-2000", 0, Some(b"x"), &past("t", "g"))).unwrap();
        kafka.cluster().set_committed(reader, "t-retry-2000", 0, 1).unwrap();
        kafka.start(kafka.app().listener(renamed).state(notes)).await.unwrap();
        assert_eq!(of_others(&kafka).len(), told, "{reader}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_here_or_was_here_before_is_not_taken_for_a_renamed_one() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    kafka.start(kafka.app().listener(five).listener(renamed).state(notes.clone())).await.unwrap();
    assert!(of_others(&kafka).is_empty(), "the other group is a listener's beside it");

    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    for topic in ["t", "t-retry-900"] {
        kafka.create_topic(topic, 1);
    }
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    kafka.cluster().produce(raw("t-retry-900", 0, Some(b"x"), &past("t", "another"))).unwrap();
    kafka.start(kafka.app().listener(four).state(notes)).await.unwrap();
    assert!(of_others(&kafka).is_empty(), "its chain is longer now, and the other group is another service");
}

#[tokio::test(start_paused = true)]
async fn neither_what_a_group_goes_on_with_nor_an_empty_topic_is_called_read_again() {
    let (mut kafka, notes) = waiting_for_the_third().await;
    let before = kafka.events().len();
    kafka.start(kafka.app().listener(five).state(notes.clone())).await.unwrap();
    kafka.stop().await;
    kafka.create_topic("t-retry-100", 1);
    kafka.start(kafka.app().listener(three).state(notes)).await.unwrap();
    let events = kafka.events().split_off(before);
    assert!(!events.iter().any(|event| matches!(event, Event::FromTheBeginning { .. })), "{events:?}");
}

#[tokio::test(start_paused = true)]
async fn partitions_that_do_not_show_what_lies_in_them_are_told_of_and_what_was_left_over_is_found_once_they_do() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    for topic in ["t-retry-100", "t-retry-4"] {
        kafka.create_topic(topic, 1);
        kafka.cluster().produce(raw(topic, 0, Some(topic.as_bytes()), &past("t", "g"))).unwrap();
        kafka.cluster().silence(topic, 0).unwrap();
    }
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    let told = |event| match event {
        Event::NotSeen { topic, partitions, is_read, .. } => Some((topic.to_string(), partitions, is_read)),
        _ => None,
    };
    let of = |topic: &str, is_read| (topic.to_owned(), vec![0], is_read);
    let not_seen: Vec<_> = kafka.events().into_iter().filter_map(told).collect();
    assert_eq!(not_seen, [of("t-retry-4", false), of("t-retry-100", true)]);
    assert!(notes.all().iter().all(|note| note.starts_with("t-retry-100 ")), "{:?}", notes.all());
    kafka.stop().await;
    kafka.cluster().heal();
    kafka.start(kafka.app().listener(three).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert!(notes.all().contains(&"t-retry-4 2 of 3".to_owned()), "{:?}", notes.all());
    assert_eq!(kafka.events().into_iter().filter_map(told).count(), not_seen.len());
}
