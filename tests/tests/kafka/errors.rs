//! What is wrong at start-up is said with its name and its cure.

use std::time::{Duration, Instant};

use kafka_listen::{App, Error, prelude::*};
use kafka_listen_tests::real_kafka::RealKafka;

use super::support::{app, create_topic_on};

#[kafka_listener(topic = "wrong", group = "wrong-group", attempts = 2)]
async fn listen(_value: &[u8]) {}

fn text(result: Result<kafka_listen::Handle, Error>) -> String {
    result.map(drop).unwrap_err().to_string()
}

#[tokio::test]
async fn nothing_listening_there_is_said_within_ten_seconds() {
    let began = Instant::now();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = text(App::new().property("bootstrap.servers", free.to_string()).listener(listen).start().await);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert!(error.contains(&free.to_string()) && error.contains("bootstrap.servers"), "{error}");
}

#[tokio::test]
async fn a_missing_source_topic_is_named_with_its_listener() {
    let error = text(app().listener(listen).start().await);
    assert!(error.contains("the topic `wrong` of listen (") && error.contains("create it"), "{error}");
}

/// Before anything is connected to.
#[tokio::test]
async fn properties_that_contradict_each_other_are_settings_not_a_matter_of_the_cluster() {
    let app = App::new().property("bootstrap.servers", "127.0.0.1:1").property("group.protocol", "consumer");
    let error = app.property("session.timeout.ms", "6000").listener(listen).start().await.unwrap_err();
    assert!(matches!(error, Error::Settings(_)), "{error}");
    assert!(error.to_string().contains("`session.timeout.ms`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_right_to_create_topics_names_the_right() {
    let kafka = RealKafka::start(&[
        ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
        ("allow.everyone.if.no.acl.found", "true"),
    ]);
    create_topic_on(&kafka, "wrong", 1, &[]);
    let rule = |rule: &str, operation: &str, resource: &[&str]| {
        let arguments = ["--add", rule, "User:ANONYMOUS", "--operation", operation];
        kafka.tool("org.apache.kafka.tools.AclCommand", arguments.iter().chain(resource));
    };
    let topics = ["--topic", "wrong-", "--resource-pattern-type", "prefixed"];
    rule("--allow-principal", "All", &topics);
    rule("--allow-principal", "All", &["--cluster"]);
    rule("--deny-principal", "Create", &topics);
    rule("--deny-principal", "Create", &["--cluster"]);
    let error = text(App::new().property("bootstrap.servers", kafka.bootstrap()).listener(listen).start().await);
    assert!(
        error.contains("wrong-retry") && error.contains("wrong-dlt") && error.to_lowercase().contains("create"),
        "{error}"
    );
    println!("{error}");
}
