//! Whose retry it is: a record of a retry topic names the group that failed it.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, Raw, raw, send};

#[kafka_listener(topic = "t", group = "ours", attempts = 2)]
async fn ours(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(text);
    Err("never".to_owned())
}

const GROUP: &[u8] = b"kafka_dlt-original-consumer-group";

#[tokio::test(start_paused = true)]
async fn a_retry_of_another_group_is_passed_over_at_once_and_one_that_names_none_is_ours() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(ours).state(notes.clone())).await.unwrap();
    let second: Raw<'_> = (b"retry_topic-attempts", Some(&[0, 0, 0, 2]));
    let far: Raw<'_> = (b"retry_topic-backoff-timestamp", Some(&[0x7f; 8]));
    let write = |text: &str, group: &[Raw<'_>]| {
        let headers = [&[second], group].concat();
        kafka.cluster().produce(raw("t-retry", 0, Some(text.as_bytes()), &headers)).unwrap();
    };
    write("theirs", &[(GROUP, Some(b"theirs")), far]);
    write("nobody's", &[]);
    write("null", &[(GROUP, None)]);
    write("ours", &[(GROUP, Some(b"ours"))]);
    write("spring's", &[(GROUP, Some(b"ours-retry"))]);
    write("longer", &[(GROUP, Some(b"ours2"))]);
    kafka.settle().await;
    let handled: Vec<_> = notes.all().into_iter().filter(|note| !note.ends_with("is dead")).collect();
    assert_eq!(handled, ["nobody's", "null", "ours", "spring's"]);
    assert!(kafka.elapsed().as_secs() < 1, "nobody waits for another group's due time");
    let passed = kafka.events().into_iter().filter(|event| matches!(event, Event::OtherGroup { .. })).count();
    assert_eq!(passed, 2);
}

#[dlt_handler(ours)]
async fn ours_is_dead(text: &str, origin: Origin, State(notes): State<Notes>) {
    notes.add(format!("{text} of {} is dead", origin.group.unwrap_or_default()));
}

#[dlt_handler(theirs)]
async fn theirs_is_dead(text: &str, origin: Origin, State(notes): State<Notes>) {
    notes.add(format!("theirs: {text} of {} is dead", origin.group.unwrap_or_default()));
}

#[kafka_listener(topic = "t", group = "theirs", attempts = 2)]
async fn theirs(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("theirs: {text}"));
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn two_services_with_the_same_suffixes_do_not_handle_each_others_retries() {
    let (mut kafka, mine, other) = (TestKafka::new(), Notes::default(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(ours).state(mine.clone())).await.unwrap();
    kafka.start(kafka.app().listener(theirs).state(other.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(mine.all(), ["x", "x", "x of ours is dead"]);
    assert_eq!(other.all(), ["theirs: x", "theirs: x", "theirs: x of theirs is dead"]);
    all_passed_over(&kafka, 1);
}

/// Each group has passed over the other's retries and dead letters, and committed past them.
fn all_passed_over(kafka: &TestKafka, records: usize) {
    assert_eq!(kafka.dead_letters("t").len(), 2 * records, "one of each group, not twice as many");
    let passed = kafka.events().into_iter().filter(|event| matches!(event, Event::OtherGroup { .. })).count();
    assert_eq!(passed, 4 * records, "each is counted");
    for group in ["ours", "theirs"] {
        for role in ["-retry", "-dlt"] {
            assert_eq!(kafka.lag(&format!("{group}{role}"), &format!("t{role}")), 0, "{group}{role}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn two_groups_of_one_application_handle_their_own_retries_and_dead_letters() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(kafka.app().listener(ours).listener(theirs).state(notes.clone())).await.unwrap();
    for partition in 0..2 {
        send(&kafka, "t", partition, "x").await;
    }
    kafka.settle().await;
    let of = |note: &str| notes.all().into_iter().filter(|it| it == note).count();
    assert_eq!((of("x"), of("theirs: x")), (4, 4));
    assert_eq!((of("x of ours is dead"), of("theirs: x of theirs is dead")), (2, 2));
    assert_eq!(notes.all().len(), 12);
    all_passed_over(&kafka, 2);
}
