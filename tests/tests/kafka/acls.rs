//! The rights that a plan names are all that it needs, and each of them is needed.

use std::collections::BTreeSet;

use kafka_listen::{AclOperation, AclResource, App, Event, prelude::*};
use kafka_listen_tests::real_kafka::RealKafka;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::support::{PATIENCE, create_topic_on, produce};

/// Says how far the record got.
type Sender = UnboundedSender<Result<(), String>>;

#[kafka_listener(topic = "${TOPIC}", group = "${TOPIC}-group", attempts = 2, backoff(delay = 100))]
async fn guarded() -> Result<(), String> {
    Err("never".to_owned())
}

#[dlt_handler(guarded)]
async fn guarded_is_dead(State(sender): State<Sender>) {
    // Told once is enough.
    let _ = sender.send(Ok(()));
}

/// A broker where who has no right on a resource has none, but for those who need no login.
fn strict() -> RealKafka {
    let login = r#"org.apache.kafka.common.security.plain.PlainLoginModule required user_app="secret";"#;
    RealKafka::start(&[
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("super.users", "User:ANONYMOUS"),
        ("listeners", "PLAINTEXT://127.0.0.1:{port},LOGIN://127.0.0.1:{proxied},CONTROLLER://127.0.0.1:{controller}"),
        ("advertised.listeners", "PLAINTEXT://127.0.0.1:{port},LOGIN://127.0.0.1:{proxied}"),
        ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,LOGIN:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT"),
        ("inter.broker.listener.name", "PLAINTEXT"),
        ("sasl.enabled.mechanisms", "PLAIN"),
        ("listener.name.login.plain.sasl.jaas.config", login),
    ])
}

fn app(kafka: &RealKafka, topic: &str, sender: Sender) -> App {
    let login = [("security.protocol", "sasl_plaintext"), ("sasl.mechanism", "PLAIN")];
    let user = [("sasl.username", "app"), ("sasl.password", "secret"), ("TOPIC", topic)];
    let app = App::new().property("bootstrap.servers", format!("127.0.0.1:{}", kafka.proxy_ports().1));
    let app = login.into_iter().chain(user).fold(app, |app, (name, value)| app.property(name, value));
    app.state(sender).listener(guarded)
}

type Right = (AclResource, AclOperation);

fn rights(kafka: &RealKafka, topic: &str) -> Vec<Right> {
    let plan = app(kafka, topic, unbounded_channel().0).plan().unwrap();
    let each = |(resource, operations): (&AclResource, &BTreeSet<AclOperation>)| {
        operations.iter().map(|operation| (resource.clone(), *operation)).collect::<Vec<_>>()
    };
    plan.acls().iter().flat_map(each).collect()
}

/// Gives these rights, with one command for each operation on each kind of thing.
fn give(kafka: &RealKafka, rights: &[Right]) {
    use AclOperation::{Create, DescribeConfigs, Read, Write};
    for (operation, is_topic) in [(Read, true), (Read, false), (Write, true), (Create, true), (DescribeConfigs, true)] {
        let operation_name = operation.to_string();
        let mut arguments = vec!["--add", "--allow-principal", "User:app", "--operation", &operation_name];
        for (resource, _) in rights.iter().filter(|(_, of)| *of == operation) {
            match resource {
                AclResource::Topic(name) if is_topic => arguments.extend(["--topic", name]),
                AclResource::Group(name) if !is_topic => arguments.extend(["--group", name]),
                _ => {}
            }
        }
        kafka.tool("org.apache.kafka.tools.AclCommand", arguments);
    }
}

/// How far a record that fails gets: as far as the DLT handler, or what stands in its way.
async fn outcome(app: App, sender: Sender, mut outcomes: UnboundedReceiver<Result<(), String>>) -> Result<(), String> {
    let observer = move |event: &Event| match event {
        Event::PublishFailed { message, .. } | Event::ConsumerFailed { message, .. } => {
            let _ = sender.send(Err(message.clone()));
        }
        _ => {}
    };
    let (first, told) = oneshot::channel();
    let run = app.observer(observer).run_until(async move {
        let outcome = timeout(PATIENCE, outcomes.recv()).await;
        let _ = first.send(outcome.ok().flatten().unwrap_or_else(|| Err("nothing happened".to_owned())));
    });
    run.await.map_err(|error| error.to_string())?;
    told.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_rights_that_a_plan_names_suffice() {
    let kafka = strict();
    let count = rights(&kafka, "guarded").len();
    assert_eq!(count, 13);
    // One application with all of them, and for each right one that lacks it, each with topics and groups of its own.
    let topics: Vec<_> = (0..=count).map(|lacking| format!("guarded-{lacking}")).collect();
    let (mut given, mut lacking) = (Vec::new(), vec![None]);
    for (number, topic) in topics.iter().enumerate() {
        create_topic_on(&kafka, topic, 1, &[]);
        produce(&kafka, topic, ["x".to_owned()]);
        let mut rights = rights(&kafka, topic);
        lacking.extend(number.checked_sub(1).map(|place| Some(rights.remove(place))));
        given.extend(rights);
    }
    give(&kafka, &given);
    let mut running = JoinSet::new();
    for (topic, lacking) in topics.iter().zip(lacking) {
        let (sender, outcomes) = unbounded_channel();
        let outcome = outcome(app(&kafka, topic, sender.clone()), sender, outcomes);
        running.spawn(async { (lacking, outcome.await) });
    }
    while let Some(ended) = running.join_next().await {
        match ended.unwrap() {
            (None, outcome) => assert_eq!(outcome, Ok(()), "all of them suffice"),
            (Some((resource, operation)), outcome) => {
                let said = outcome.expect_err(&format!("{operation} on {resource} is not needed"));
                println!("without {operation} on {resource}: {said}");
                // Who may not even read may not describe either, which is asked for first.
                let right = said.split_once("ACL").map(|(_, right)| right.replace("`Describe`", "`Read`"));
                let is_named = right.is_some_and(|right| right.contains(&format!("`{operation}`")));
                assert!(is_named, "without {operation} on {resource}: {said}");
            }
        }
    }
}

#[test]
fn rights_are_shown_to_people_and_to_shells() {
    let app = App::new().property("bootstrap.servers", "127.0.0.1:1").property("TOPIC", "mail");
    let acls = app.state(unbounded_channel::<Result<(), String>>().0).listener(guarded).plan().unwrap().acls();
    let shown = "\n  Topic mail: Read, DescribeConfigs\n  Topic mail-dlt: Read, Write, Create, DescribeConfigs\n  \
                 Topic mail-retry: Read, Write, Create, DescribeConfigs\n  Group mail-group: Read\n  \
                 Group mail-group-dlt: Read\n  Group mail-group-retry: Read";
    assert_eq!(acls.to_string(), shown);
    let commands = acls.commands("kafka:9092", "User:mail");
    let first = "kafka-acls.sh --bootstrap-server kafka:9092 --add --allow-principal User:mail --operation Read --operation \
                 DescribeConfigs --topic mail\n";
    assert!(commands.starts_with(first), "{commands}");
    assert_eq!(commands.lines().count(), 6);
}
