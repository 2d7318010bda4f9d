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
    assert_eq!(notes.all(), ["nobody's", "null", "ours", "spring's"]);
    assert!(kafka.elapsed().as_secs() < 1, "nobody waits for another group's due time");
    let passed = kafka.events().into_iter().filter(|event| matches!(event, Event::OtherGroup { .. })).count();
    assert_eq!(passed, 2);
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
    assert_eq!((mine.all(), other.all()), (vec!["x".to_owned(); 2], vec!["theirs: x".to_owned(); 2]));
    assert_eq!(kafka.dead_letters("t").len(), 2, "one of each group, not four");
}
