//! What is made to fail fails as it should, and nothing else does.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::advance;

use super::*;
use crate::broker::memory::{CommitFault, PublishFault};
use crate::record::PublishErrorKind;

/// The answers so far, by the record's number: its offset, or what went wrong.
type Answers = Arc<Mutex<Vec<(usize, Result<i64, PublishErrorKind>)>>>;

fn send(cluster: &Cluster, values: &[&str]) -> (Arc<dyn crate::broker::ProducerPort>, Answers) {
    let (producer, answers) = (cluster.producer().unwrap(), Answers::default());
    for (number, value) in values.iter().enumerate() {
        let answers = Arc::clone(&answers);
        let receipt = Box::new(move |answer: super::super::after::Answer| {
            let answer = answer.map(|written| written.offset).map_err(|error| error.kind);
            answers.lock().unwrap().push((number, answer));
        });
        producer.send(record(value), receipt).unwrap();
    }
    (producer, answers)
}

/// Waits for the answers, but not for ever.
async fn flush(producer: &dyn crate::broker::ProducerPort) {
    tokio::time::timeout(Duration::from_secs(3600), producer.flush()).await.expect("all are answered");
}

fn written(cluster: &Cluster) -> usize {
    cluster.records("t", 0).len()
}

#[tokio::test(start_paused = true)]
async fn a_refused_publish_writes_nothing_until_it_is_healed() {
    let cluster = cluster("refuse", 1);
    cluster.create_topic("other", 1).unwrap();
    cluster.fail_publishes("t", PublishErrorKind::NotWritten);
    let (_, answers) = send(&cluster, &["a"]);
    assert_eq!(*answers.lock().unwrap(), [(0, Err(PublishErrorKind::NotWritten))]);
    assert_eq!(written(&cluster), 0);

    let elsewhere = Outgoing { topic: TopicName::new("other").unwrap(), ..record("a") };
    cluster.producer().unwrap().send(elsewhere, Box::new(|answer| assert!(answer.is_ok()))).unwrap();
    assert_eq!(cluster.end_offset("other", 0), Some(1), "other topics take records");

    cluster.heal();
    let (_, answers) = send(&cluster, &["a"]);
    assert_eq!(*answers.lock().unwrap(), [(0, Ok(0))]);
}

#[tokio::test(start_paused = true)]
async fn whoever_decides_is_asked_once_per_publish() {
    let cluster = cluster("decide", 1);
    let mut asked = 0;
    cluster.on_publish(move |_| {
        asked += 1;
        (asked % 2 == 0).then_some(PublishFault::LoseAnswer)
    });
    let (_, answers) = send(&cluster, &["a", "b", "c", "d"]);
    let unknown = Err(PublishErrorKind::Unknown);
    assert_eq!(*answers.lock().unwrap(), [(0, Ok(0)), (1, unknown), (2, Ok(2)), (3, unknown)]);
    assert_eq!(written(&cluster), 4, "the answer was lost, not the record");
}

#[tokio::test(start_paused = true)]
async fn delayed_answers_come_when_they_are_due_in_the_order_of_the_calls() {
    let cluster = cluster("delay", 1);
    cluster.delay_publishes("t", Duration::from_secs(5));
    let (producer, answers) = send(&cluster, &["a", "b", "c"]);
    assert_eq!(written(&cluster), 3, "only the answer waits");
    tokio::time::sleep(Duration::from_millis(4_999)).await;
    assert_eq!(*answers.lock().unwrap(), []);

    flush(&*producer).await;
    assert_eq!(*answers.lock().unwrap(), [(0, Ok(0)), (1, Ok(1)), (2, Ok(2))]);
    assert_eq!(cluster.now().since(cluster.records("t", 0)[0].time.at), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_gives_the_record_back() {
    let cluster = cluster("full", 1);
    cluster.delay_publishes("t", Duration::from_secs(1));
    cluster.set_queue(2);
    let (producer, answers) = send(&cluster, &["a", "b"]);
    let full = producer.send(record("c"), Box::new(|_| panic!("not called"))).unwrap_err();
    assert_eq!(full.record, record("c"));
    assert_eq!(written(&cluster), 2);
    flush(&*producer).await;
    assert_eq!(answers.lock().unwrap().len(), 2);
    producer.send(full.record, Box::new(|_| ())).unwrap();
}

#[tokio::test(start_paused = true)]
async fn commits_fail_get_lost_and_are_late_as_told() {
    let cluster = cluster("commits", 1);
    let mut reader = Reader::join(&cluster, &[]);
    let (_, id) = reader.assigned()[0];

    cluster.on_commit(|group| (group == "g").then_some(CommitFault::Refuse));
    assert!(reader.commit(id, 1).unwrap().is_some());
    assert_eq!(cluster.committed("g", "t", 0), None);

    cluster.on_commit(|_| Some(CommitFault::LoseAnswer));
    assert!(reader.commit(id, 2).unwrap().is_some());
    assert_eq!(cluster.committed("g", "t", 0), Some(2));

    cluster.on_commit(|_| Some(CommitFault::Delay(Duration::from_secs(3))));
    assert_eq!(reader.commit(id, 3), None, "no answer yet");
    assert_eq!(reader.consumer.wake_at(), Some(cluster.now().after(Duration::from_secs(3))));
    advance(Duration::from_secs(3)).await;
    assert_eq!(reader.answer(), Some(None));

    cluster.heal();
    assert_eq!(reader.commit(id, 4), Some(None));
    assert_eq!(cluster.committed("g", "t", 0), Some(4));
}

#[tokio::test(start_paused = true)]
async fn receipts_and_wake_up_calls_may_call_the_cluster() {
    let cluster = cluster("reentrant", 1);
    let inner = Arc::clone(&cluster);
    let spec = ConsumerSpec {
        group: "g".to_owned(),
        topics: vec![(topic(), OffsetReset::Earliest)],
        properties: Default::default(),
        read_ahead: 0,
        waits: false,
        grows: false,
    };
    let _member = cluster.consumer(spec, Wake::new(move || assert_eq!(inner.members("g").len(), 1))).unwrap();
    let inner = Arc::clone(&cluster);
    let again = Box::new(move |_: super::super::after::Answer| assert!(inner.produce(record("b")).is_ok()));
    cluster.producer().unwrap().send(record("a"), again).unwrap();
    assert_eq!(written(&cluster), 2);
}
