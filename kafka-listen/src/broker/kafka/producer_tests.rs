//! The producer against librdkafka's mock cluster, where its failures can be caused.

use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::Producer as _;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use rdkafka::{Offset, TopicPartitionList};

use super::*;
use crate::broker::kafka::native::send::break_down;
use crate::record::{Body, OwnedBody, PublishErrorKind, TopicName, Wanted, Written};

const PARTITIONS: i32 = 3;
/// Whoever halts the machine, or the process, for a minute or two breaks nothing: the time that goes by meanwhile counts.
const LONG: Duration = Duration::from_secs(600);

fn cluster() -> MockCluster<'static, impl ClientContext> {
    let cluster = MockCluster::new(1).unwrap();
    cluster.create_topic("t", PARTITIONS, 1).unwrap();
    cluster
}

fn producer(cluster: &MockCluster<'_, impl ClientContext>, more: &[(&str, &str)]) -> KafkaProducer {
    let mut properties = BTreeMap::from([("bootstrap.servers".to_owned(), cluster.bootstrap_servers())]);
    properties.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    KafkaProducer::new(&Properties::new(&properties).unwrap()).unwrap()
}

fn outgoing(partition: Wanted, value: impl Into<bytes::Bytes>) -> Outgoing {
    let body = OwnedBody { value: Some(value.into()), ..OwnedBody::default() };
    Outgoing { topic: TopicName::new("t").unwrap(), partition, body: body.pack().unwrap(), timestamp: None }
}

fn send(producer: &KafkaProducer, record: Outgoing, receipt: Receipt) {
    let mut full = producer.send(record, receipt).err();
    while let Some(again) = full {
        thread::yield_now();
        full = producer.send(again.record, again.receipt).err();
    }
}

/// What is in a partition, as numbers.
fn log(cluster: &MockCluster<'_, impl ClientContext>, partition: i32) -> Vec<usize> {
    let mut config = ClientConfig::new();
    // A commit's answer would end a poll with nothing, however long that was to wait.
    config
        .set("bootstrap.servers", cluster.bootstrap_servers())
        .set("group.id", "log")
        .set("enable.auto.commit", "false");
    let consumer: BaseConsumer = config.create().unwrap();
    let mut from = TopicPartitionList::new();
    from.add_partition_offset("t", partition, Offset::Beginning).unwrap();
    consumer.assign(&from).unwrap();
    let (_, end) = consumer.fetch_watermarks("t", partition, LONG).unwrap();
    let mut numbers = Vec::new();
    while numbers.len() < usize::try_from(end).unwrap() {
        match consumer.poll(LONG).unwrap() {
            Ok(message) => numbers.push(str::from_utf8(message.payload().unwrap()).unwrap().parse().unwrap()),
            // What was asked before a halt is taken for unanswered, and asked again.
            Err(error) => println!("asked again: {error}"),
        }
    }
    numbers
}

#[test]
fn a_client_that_fails_for_good_is_replaced_and_nothing_is_lost_or_reordered() {
    let cluster = cluster();
    // So slow that records are queued, under way, and acknowledged when the client fails.
    cluster.broker_round_trip_time(1, Duration::from_millis(30)).unwrap();
    let producer = producer(&cluster, &[("batch.num.messages", "20")]);
    let (tell, told) = channel();
    let mut receipts = Vec::new();
    for number in 0..2000 {
        let tell = tell.clone();
        let receipt = Box::new(move |written: Result<_, _>| tell.send((number, written.is_ok())).unwrap());
        send(&producer, outgoing(Wanted::IfThere(number % PARTITIONS), number.to_string()), receipt);
        if number == 700 || number == 1400 {
            // Not before something is acknowledged, and not while the last one is being replaced.
            receipts.push(told.recv_timeout(LONG).unwrap());
            let client = producer.shared.lock().client.clone();
            client.iter().for_each(|client| break_down(client));
        }
    }
    while receipts.len() < 2000 {
        receipts.push(told.recv_timeout(LONG).unwrap());
    }
    receipts.sort();
    assert_eq!(receipts, (0..2000).map(|number| (number, true)).collect::<Vec<_>>(), "one each, and all were written");
    for partition in 0..PARTITIONS {
        let mut numbers = log(&cluster, partition);
        let expected: Vec<_> = (0..2000).filter(|number| *number % 3 == usize::try_from(partition).unwrap()).collect();
        // A record whose acknowledgement was under way is there twice. Of each the first counts for the order.
        let mut seen = std::collections::HashSet::new();
        let written = numbers.len();
        numbers.retain(|number| seen.insert(*number));
        assert_eq!(numbers, expected, "partition {partition}");
        assert!(written < expected.len() + 2 * 7 * 20, "only what was under way may be doubled: {written}");
    }
}

#[test]
fn a_partition_that_the_topic_does_not_have_is_chosen_by_the_key() {
    let cluster = cluster();
    let producer = producer(&cluster, &[]);
    let (tell, told) = channel();
    // The first is sent before the client knows the topic, the others after.
    for _ in 0..3 {
        let tell = tell.clone();
        let mut record = outgoing(Wanted::IfThere(17), "x");
        record.body = OwnedBody { key: Some("room-4".into()), ..OwnedBody::default() }.pack().unwrap();
        send(&producer, record, Box::new(move |written| tell.send(written.map(|w| w.partition)).unwrap()));
        let partition = told.recv_timeout(LONG).unwrap().unwrap();
        // Computed apart: Java's murmur2 of the key, without its sign, modulo 3.
        assert_eq!(partition, 2);
    }
}

#[test]
fn a_partition_that_was_asked_for_and_is_not_there_is_an_error() {
    let cluster = cluster();
    let producer = producer(&cluster, &[]);
    let (tell, told) = channel();
    // The first is sent before the client knows the topic, the others after.
    for _ in 0..3 {
        let tell = tell.clone();
        send(&producer, outgoing(Wanted::Exactly(17), "x"), Box::new(move |written| tell.send(written).unwrap()));
        let error = told.recv_timeout(LONG).unwrap().unwrap_err();
        assert_eq!(error.kind, PublishErrorKind::NoSuchTopic, "{error}");
        assert!(error.message.contains("`t` has no partition 17"), "{error}");
    }
}

/// If the first batch for a partition is refused and the second is taken, librdkafka reports both as written.
#[test]
fn a_first_record_that_finds_its_partition_not_ready_is_not_lost_behind_the_next() {
    let cluster = cluster();
    cluster.broker_round_trip_time(1, Duration::from_millis(50)).unwrap();
    let producer = producer(&cluster, &[("batch.num.messages", "1"), ("queue.buffering.max.ms", "0")]);
    let (tell, told) = channel();
    let receipt = || {
        let tell = tell.clone();
        Box::new(move |written: Result<_, _>| tell.send(written.is_ok()).unwrap())
    };
    // The client knows the topic, and another partition.
    send(&producer, outgoing(Wanted::Exactly(1), "0"), receipt());
    assert!(told.recv_timeout(LONG).unwrap());
    cluster.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION]);
    for number in 0..10 {
        send(&producer, outgoing(Wanted::Exactly(0), number.to_string()), receipt());
    }
    assert!((0..10).all(|_| told.recv_timeout(LONG).unwrap()));
    assert_eq!(log(&cluster, 0), (0..10).collect::<Vec<_>>(), "what was acknowledged is there, in its order");
}

/// Which partition a key will choose is not known before: the client knows its topic, and a record in another partition of it.
#[test]
fn a_record_that_is_acknowledged_by_a_later_ones_answer_alone_is_written_again() {
    let cluster = cluster();
    cluster.broker_round_trip_time(1, Duration::from_millis(50)).unwrap();
    let producer = producer(&cluster, &[("batch.num.messages", "1"), ("queue.buffering.max.ms", "0")]);
    let (tell, told) = channel();
    let send_keyed = |key: &'static str, number: usize| {
        let (tell, value) = (tell.clone(), Some(number.to_string().into()));
        let mut record = outgoing(Wanted::Any, "");
        record.body = OwnedBody { key: Some(key.into()), value, ..OwnedBody::default() }.pack().unwrap();
        send(&producer, record, Box::new(move |written| tell.send(written.map(|it| it.partition)).unwrap()));
    };
    // Computed apart: Java's murmur2 of the keys, without its sign, modulo 3.
    send_keyed("room-4", 0);
    assert_eq!(told.recv_timeout(LONG).unwrap().unwrap(), 2);
    cluster.request_errors(RDKafkaApiKey::Produce, &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION]);
    (0..10).for_each(|number| send_keyed("21", number));
    assert!((0..10).all(|_| told.recv_timeout(LONG).unwrap().unwrap() == 0));
    let mut numbers = log(&cluster, 0);
    numbers.sort_unstable();
    assert_eq!(numbers, (0..10).collect::<Vec<_>>(), "what was acknowledged is there, once");
}

/// A broker refuses a batch as a whole, whatever each of its records weighs.
#[test]
fn what_was_too_large_only_together_is_written_alone() {
    let cluster = cluster();
    cluster.broker_round_trip_time(1, Duration::from_millis(20)).unwrap();
    let producer = producer(&cluster, &[]);
    let (tell, told) = channel();
    let too_large = RDKafkaRespErr::RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    cluster.request_errors(RDKafkaApiKey::Produce, &[too_large]);
    for number in 0..500 {
        let tell = tell.clone();
        let receipt = Box::new(move |written: Result<Written, _>| tell.send(written.map(|it| it.offset)).unwrap());
        send(&producer, outgoing(Wanted::Exactly(0), number.to_string()), receipt);
    }
    let mut offsets: Vec<_> = (0..500).map(|_| told.recv_timeout(LONG).unwrap().unwrap()).collect();
    offsets.sort_unstable();
    assert_eq!(offsets, (0..500).collect::<Vec<_>>(), "each once");
}

#[test]
fn a_record_larger_than_the_queue_is_refused_and_a_full_queue_gives_the_record_back() {
    let cluster = cluster();
    cluster.broker_round_trip_time(1, Duration::from_millis(200)).unwrap();
    let producer = producer(&cluster, &[("queue.buffering.max.kbytes", "1"), ("queue.buffering.max.messages", "2")]);
    let (tell, told) = channel();
    let receipt = Box::new(move |written: Result<_, _>| tell.send(written).unwrap());
    producer.send(outgoing(Wanted::Any, vec![7; 2000]), receipt).unwrap();
    assert_eq!(told.recv_timeout(LONG).unwrap().unwrap_err().kind, PublishErrorKind::TooLarge);
    // The first one goes alone.
    let (tell, told) = channel();
    producer.send(outgoing(Wanted::IfThere(0), "x"), Box::new(move |written| tell.send(written).unwrap())).unwrap();
    told.recv_timeout(LONG).unwrap().unwrap();
    // The client counts a record until its report has been served.
    let client = producer.shared.lock().client.clone().unwrap();
    while client.in_flight_count() > 0 {
        thread::yield_now();
    }
    let mut sent = 0;
    let full = loop {
        match producer.send(outgoing(Wanted::IfThere(0), "x"), Box::new(|_| {})) {
            Ok(()) => sent += 1,
            Err(full) => break full,
        }
    };
    assert_eq!((sent, full.record.body.value()), (2, Some(&b"x"[..])));
}

#[tokio::test]
async fn flush_waits_for_the_last_receipt_and_a_drop_calls_those_that_are_left() {
    let cluster = cluster();
    let first = producer(&cluster, &[]);
    let (tell, told) = channel();
    for _ in 0..100 {
        let tell = tell.clone();
        send(&first, outgoing(Wanted::Any, "x"), Box::new(move |written| tell.send(written.is_ok()).unwrap()));
    }
    first.flush().await;
    assert_eq!(told.try_iter().filter(|is_ok| *is_ok).count(), 100);

    cluster.broker_down(1).unwrap();
    for _ in 0..10 {
        let tell = tell.clone();
        send(&first, outgoing(Wanted::Any, "x"), Box::new(move |written| tell.send(written.is_ok()).unwrap()));
    }
    drop((first, tell));
    assert_eq!(told.iter().filter(|is_ok| !is_ok).count(), 10, "the receipts go when the producer does");
}

#[test]
fn a_partition_without_a_leader_does_not_take_the_queue_from_the_others() {
    let cluster = cluster();
    cluster.partition_leader("t", 0, None).unwrap();
    let producer = producer(&cluster, &[("queue.buffering.max.messages", "100")]);
    let mut stuck = 0;
    while producer.send(outgoing(Wanted::IfThere(0), "x"), Box::new(|_| {})).is_ok() {
        stuck += 1;
    }
    assert_eq!(stuck, 1, "of a hundred: the first goes alone");
    let (tell, told) = channel();
    for number in 0..500 {
        let tell = tell.clone();
        let receipt = Box::new(move |written: Result<_, _>| tell.send(written.is_ok()).unwrap());
        send(&producer, outgoing(Wanted::IfThere(1), number.to_string()), receipt);
    }
    assert!((0..500).all(|_| told.recv_timeout(LONG).unwrap()), "they were written meanwhile");
    cluster.partition_leader("t", 0, Some(1)).unwrap();
}
