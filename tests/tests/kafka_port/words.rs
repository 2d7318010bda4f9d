//! What goes wrong with a cluster is told in words that name the thing and the cure.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use kafka_listen::__internals::broker::kafka::KafkaBroker;
use kafka_listen::__internals::broker::{Broker, ClientError, ConsumerError, ConsumerEvent, NewTopic, OffsetReset};
use kafka_listen::__internals::record::{Body, Outgoing, PublishErrorKind, TopicPartition};
use kafka_listen_tests::real_kafka::{RealKafka, shared};

use crate::member::{LONG, Member, cluster, create, record, topic};

/// A broker that asks for a login, and lets `guest` do nothing.
fn guarded() -> &'static RealKafka {
    static GUARDED: OnceLock<RealKafka> = OnceLock::new();
    GUARDED.get_or_init(|| {
        let login = "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"admin\" \
                     password=\"secret\" user_admin=\"secret\" user_guest=\"guest\";";
        RealKafka::start(&[
            ("listeners", "SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}"),
            ("listener.security.protocol.map", "SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT"),
            ("security.inter.broker.protocol", "SASL_PLAINTEXT"),
            ("sasl.mechanism.inter.broker.protocol", "PLAIN"),
            ("sasl.enabled.mechanisms", "PLAIN"),
            ("listener.name.sasl_plaintext.plain.sasl.jaas.config", login),
            ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
            ("super.users", "User:admin;User:ANONYMOUS"),
        ])
    })
}

fn as_user(name: &str, password: &str) -> KafkaBroker {
    let login = [
        ("security.protocol", "SASL_PLAINTEXT"),
        ("sasl.mechanism", "PLAIN"),
        ("sasl.username", name),
        ("sasl.password", password),
    ];
    cluster(guarded(), &login)
}

fn new_topic(name: &str) -> NewTopic {
    NewTopic { name: topic(name), partitions: 1, replication: None, config: BTreeMap::new() }
}

/// What asking this cluster for a topic says, within a time.
async fn answer(broker: &KafkaBroker) -> String {
    let begin = Instant::now();
    let error: ClientError = broker.admin().unwrap().describe(&[topic("any")]).await.unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(6), "{:?}: {error}", begin.elapsed());
    error.to_string()
}

fn failed(member: &mut Member) -> ConsumerError {
    member.until(|_, events| {
        events.iter().find_map(|event| match event {
            ConsumerEvent::Failed(error) => Some(error.clone()),
            _ => None,
        })
    })
}

fn assert_says(text: &str, words: &[&str]) {
    words.iter().for_each(|word| assert!(text.contains(word), "{word:?} is not in {text:?}"));
}

#[tokio::test]
async fn nothing_listens_there() {
    let nobody = KafkaBroker::new(BTreeMap::from([("bootstrap.servers".to_owned(), "127.0.0.1:1".to_owned())]));
    let text = answer(&nobody.unwrap()).await;
    assert_says(&text, &["cannot reach 127.0.0.1:1", "Connection refused", "5 s", "`bootstrap.servers`"]);
}

#[tokio::test]
async fn a_wrong_password() {
    let text = answer(&as_user("guest", "wrong")).await;
    assert_says(&text, &["refuses to log in", "`sasl.password`"]);
    assert!(!text.contains("wrong"), "{text}");
}

#[tokio::test]
async fn no_login_where_one_is_asked_for() {
    let text = answer(&cluster(guarded(), &[])).await;
    assert_says(&text, &["cannot reach", "`security.protocol`"]);
}

#[tokio::test]
async fn no_right_to_create_to_read_or_to_write() {
    let admin = as_user("admin", "secret");
    admin.admin().unwrap().create(&[new_topic("closed")]).await.unwrap().remove(0).unwrap();
    let guest = as_user("guest", "guest");
    let created = guest.admin().unwrap().create(&[new_topic("mine")]).await;
    let text = match created {
        Ok(mut results) => results.remove(0).unwrap_err().to_string(),
        Err(error) => error.to_string(),
    };
    assert_says(&text, &["`mine`", "ACL", "`Create`"]);

    let mut member = Member::join(&guest, "guests", &["closed"]);
    let error = failed(&mut member);
    assert_says(&error.message, &["ACL"]);

    let (tell, told) = std::sync::mpsc::channel();
    let producer = guest.producer().unwrap();
    let receipt = Box::new(move |written: Result<_, _>| tell.send(written).unwrap());
    producer.send(record(&topic("closed"), None, "x"), receipt).unwrap();
    let error = told.recv_timeout(LONG).unwrap().unwrap_err();
    assert_eq!(error.kind, PublishErrorKind::NotWritten, "{error}");
    assert_says(&error.message, &["ACL", "`Write`"]);
    assert_eq!(error.record.body.value(), Some(&b"x"[..]), "the record comes back");
}

#[tokio::test]
async fn another_way_of_sharing_out() {
    let kafka = shared();
    create(kafka, "sharing", 2, &[]).await;
    let broker = cluster(kafka, &[]);
    let range = [("partition.assignment.strategy", "range")];
    let mut java = Member::join_with(&broker, "sharing", &["sharing"], OffsetReset::Earliest, &range);
    java.assigned();
    let mut ours = Member::join(&broker, "sharing", &["sharing"]);
    let error = failed(&mut ours);
    assert!(error.fatal);
    assert_says(&error.message, &["`sharing`", "`partition.assignment.strategy`", "range"]);
}

#[tokio::test]
async fn a_topic_that_is_not_there() {
    let broker = cluster(shared(), &[]);
    let mut member = Member::join(&broker, "nowhere", &["nowhere"]);
    let error = failed(&mut member);
    assert!(!error.fatal);
    assert_says(&error.message, &["nowhere", "create it"]);

    let (tell, told) = std::sync::mpsc::channel();
    let producer = broker.producer().unwrap();
    let receipt = Box::new(move |written: Result<_, _>| tell.send(written).unwrap());
    producer.send(record(&topic("nowhere"), None, "x"), receipt).unwrap();
    let error = told.recv_timeout(LONG).unwrap().unwrap_err();
    assert_eq!(error.kind, PublishErrorKind::NoSuchTopic, "{error}");
}

#[tokio::test]
async fn no_committed_offset_where_that_is_an_error() {
    let kafka = shared();
    create(kafka, "no-offset", 2, &[]).await;
    let broker = cluster(kafka, &[]);
    let mut member = Member::join_with(&broker, "no-offset", &["no-offset"], OffsetReset::Error, &[]);
    let error = failed(&mut member);
    assert!(error.fatal);
    let place = TopicPartition { topic: topic("no-offset"), partition: 0 };
    assert_says(&error.message, &["`no-offset`", &place.to_string(), "`offset_reset`"]);
    member.leave();
}

#[tokio::test]
async fn two_processes_with_one_instance_id() {
    let kafka = shared();
    create(kafka, "instance", 1, &[]).await;
    let broker = cluster(kafka, &[]);
    let id = [("group.instance.id", "one")];
    let mut first = Member::join_with(&broker, "instance", &["instance"], OffsetReset::Earliest, &id);
    first.assigned();
    let _second = Member::join_with(&broker, "instance", &["instance"], OffsetReset::Earliest, &id);
    let mut lost = false;
    let error = first.until(|_, events| {
        lost |= events.iter().any(|event| matches!(event, ConsumerEvent::Revoked { lost: true, .. }));
        events.iter().find_map(|event| match event {
            ConsumerEvent::Failed(error) => Some(error.clone()),
            _ => None,
        })
    });
    assert!(error.fatal && lost, "{error}");
    assert_says(&error.message, &["`instance`", "`group.instance.id`"]);
    first.leave();
}

#[tokio::test]
async fn a_record_that_the_topic_does_not_take() {
    let kafka = shared();
    create(kafka, "small", 1, &[("max.message.bytes", "1000")]).await;
    let producer = cluster(kafka, &[("compression.type", "none")]).producer().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    let receipt = Box::new(move |written: Result<_, _>| tell.send(written).unwrap());
    producer.send(record(&topic("small"), None, vec![7; 2000]), receipt).unwrap();
    let error = told.recv_timeout(LONG).unwrap().unwrap_err();
    assert_eq!(error.kind, PublishErrorKind::TooLarge);
    assert_says(&error.message, &["2000 bytes", "`small`"]);
}

#[tokio::test]
async fn a_record_that_the_topic_will_never_take() {
    let kafka = shared();
    create(kafka, "recent", 1, &[("message.timestamp.before.max.ms", "1000")]).await;
    create(kafka, "compacted", 1, &[("cleanup.policy", "compact")]).await;
    let producer = cluster(kafka, &[]).producer().unwrap();
    let old = Some(kafka_listen::Timestamp::from_millis(1_000_000));
    for (name, timestamp, cause) in [("recent", old, "message.timestamp.before.max.ms"), ("compacted", None, "a key")] {
        let (tell, told) = std::sync::mpsc::channel();
        let receipt = Box::new(move |written: Result<_, _>| tell.send(written).unwrap());
        producer.send(Outgoing { timestamp, ..record(&topic(name), None, "x") }, receipt).unwrap();
        let error = told.recv_timeout(LONG).unwrap().unwrap_err();
        assert_eq!(error.kind, PublishErrorKind::NotWritten);
        assert_says(&error.message, &[&format!("`{name}`"), cause]);
    }
}
