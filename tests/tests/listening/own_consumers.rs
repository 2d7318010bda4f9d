//! Listeners that share no consumer with the others of their group: with `properties(…)` of their own, or started later.

use kafka_listen::Event;
use kafka_listen::prelude::*;
use kafka_listen::testing::{Instance, TestKafka};

use crate::support::{Notes, seconds, send};

#[kafka_listener(topic = "shared", attempts = 2)]
async fn shared(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("shared {text}"));
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

#[kafka_listener(topic = "own", attempts = 2, properties("session.timeout.ms" = "${SESSION:10000}", "client.id" = "own"))]
async fn own(text: &str, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("own {text}"));
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

#[dlt_handler(own)]
async fn own_is_dead(text: &str, State(notes): State<Notes>) {
    notes.add(format!("dead {text}"));
}

fn app(kafka: &TestKafka, notes: &Notes) -> App {
    kafka.app().listener(shared).listener(own).state(notes.clone())
}

fn topics(kafka: &TestKafka) {
    kafka.create_topic("shared", 4);
    kafka.create_topic("own", 4);
}

fn members(kafka: &TestKafka) -> [usize; 3] {
    ["test", "test-retry", "test-dlt"].map(|group| kafka.cluster().members(group).len())
}

#[tokio::test(start_paused = true)]
async fn a_listener_with_properties_is_a_member_of_its_own_in_each_of_its_groups() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    topics(&kafka);
    kafka.start(app(&kafka, &notes)).await.unwrap();
    assert_eq!(members(&kafka), [2, 2, 1]);
    for topic in ["shared", "own"] {
        for partition in 0..4 {
            send(&kafka, topic, partition, &format!("{partition}")).await;
        }
        send(&kafka, topic, 0, "fail").await;
    }
    kafka.settle().await;
    let mut all = notes.all();
    all.sort();
    let expected = [
        "dead fail",
        "own 0",
        "own 1",
        "own 2",
        "own 3",
        "own fail",
        "own fail",
        "shared 0",
        "shared 1",
        "shared 2",
        "shared 3",
        "shared fail",
        "shared fail",
    ];
    assert_eq!(all, expected);
}

#[tokio::test(start_paused = true)]
async fn its_properties_are_its_own() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    topics(&kafka);
    let first = kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.crash(first);
    for partition in 0..4 {
        send(&kafka, "shared", partition, "x").await;
        send(&kafka, "own", partition, "x").await;
    }
    let handled = |text: &str| notes.all().iter().filter(|note| *note == text).count();
    kafka.advance(seconds(20)).await;
    assert_eq!((handled("own x"), handled("shared x")), (4, 2), "its session was over after 10 s");
    kafka.advance(seconds(40)).await;
    assert_eq!((handled("own x"), handled("shared x")), (4, 4));
}

#[tokio::test(start_paused = true)]
async fn members_of_one_group_that_read_different_topics_share_what_each_reads() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    topics(&kafka);
    let first = kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.start(app(&kafka, &notes)).await.unwrap();
    kafka.start(kafka.app().listener(own).state(notes.clone())).await.unwrap();
    for round in 0..3 {
        for partition in 0..4 {
            send(&kafka, "shared", partition, &format!("{round}")).await;
            send(&kafka, "own", partition, &format!("{round}")).await;
        }
        kafka.settle().await;
        if round == 0 {
            kafka.stop_one(first).await;
        }
    }
    let mut all = notes.all();
    all.sort();
    let expected = ["own", "shared"].into_iter().flat_map(|id| (0..12).map(move |n| format!("{id} {}", n / 4)));
    assert_eq!(all, expected.collect::<Vec<_>>());
}

#[kafka_listener(topic = "later", attempts = 2, auto_start = false)]
async fn later(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("later {text} {}", attempt.number));
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

#[dlt_handler(later)]
async fn later_is_dead(text: &str, State(notes): State<Notes>) {
    notes.add(format!("dead {text}"));
}

async fn with_later(kafka: &mut TestKafka, notes: &Notes) -> Instance {
    kafka.create_topic("shared", 1);
    kafka.create_topic("later", 2);
    kafka.start(kafka.app().listener(shared).listener(later).state(notes.clone())).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_is_not_started_is_in_no_group_and_its_chain_is_there() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    let instance = with_later(&mut kafka, &notes).await;
    assert_eq!(members(&kafka), [1, 1, 0]);
    assert_eq!(
        (kafka.cluster().partitions("later-retry"), kafka.cluster().partitions("later-dlt")),
        (Some(2), Some(2))
    );
    send(&kafka, "later", 0, "a").await;
    send(&kafka, "later", 1, "fail").await;
    send(&kafka, "shared", 0, "b").await;
    kafka.advance(seconds(3600)).await;
    assert_eq!(notes.all(), ["shared b"]);
    assert_eq!(kafka.lag("test", "later"), 2, "it counts as lag meanwhile");
    let before = kafka.events().len();
    kafka.start_listener(instance, "later").await.unwrap();
    assert_eq!(members(&kafka), [2, 2, 1]);
    kafka.settle().await;
    let mut all = notes.all().split_off(1);
    all.sort();
    assert_eq!(all, ["dead fail", "later a 1", "later fail 1", "later fail 2"]);
    let of_others = kafka.events().split_off(before).into_iter().filter(|event| match event {
        Event::Assigned { listener, .. } | Event::Revoked { listener, .. } => **listener == *"shared",
        _ => false,
    });
    assert_eq!(of_others.count(), 0, "the others keep their partitions");
}

#[tokio::test(start_paused = true)]
async fn a_process_that_has_not_started_it_holds_none_of_its_partitions() {
    let (mut kafka, notes, idle) = (TestKafka::new(), Notes::default(), Notes::default());
    let instance = with_later(&mut kafka, &notes).await;
    kafka.start(kafka.app().listener(shared).listener(later).state(idle.clone())).await.unwrap();
    kafka.start_listener(instance, "later").await.unwrap();
    for partition in 0..2 {
        send(&kafka, "later", partition, "x").await;
    }
    kafka.settle().await;
    assert_eq!((notes.all(), idle.all().len()), (vec!["later x 1".to_owned(), "later x 1".to_owned()], 0));
}

#[tokio::test(start_paused = true)]
async fn started_twice_it_is_started_once_and_what_was_paused_before_stays_so() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    let instance = with_later(&mut kafka, &notes).await;
    kafka.pause(instance, "later").unwrap();
    for _ in 0..2 {
        kafka.start_listener(instance, "later").await.unwrap();
    }
    kafka.start_listener(instance, "shared").await.unwrap();
    assert_eq!(members(&kafka), [2, 2, 1]);
    send(&kafka, "later", 0, "a").await;
    kafka.advance(seconds(60)).await;
    assert!(notes.all().is_empty());
    kafka.resume(instance, "later").unwrap();
    kafka.settle().await;
    assert_eq!(notes.all(), ["later a 1"]);
    let error = kafka.start_listener(instance, "latter").await.unwrap_err();
    assert_eq!(error.to_string(), "there is no listener `latter`; did you mean `later`?");
}

#[tokio::test(start_paused = true)]
async fn an_application_with_nothing_but_listeners_for_later_is_ready_at_once_and_stops_cleanly() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("later", 1);
    kafka.start(kafka.app().listener(later).state(notes.clone())).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    let instance = kafka.start(kafka.app().listener(later).state(notes.clone())).await.unwrap();
    kafka.start_listener(instance, "later").await.unwrap();
    kafka.stop().await;
    assert_eq!(members(&kafka), [0, 0, 0]);
}

macro_rules! listener {
    ($name:ident: $($arguments:tt)*) => {
        #[kafka_listener($($arguments)*)]
        async fn $name() {}
    };
}
listener!(plain: topic = "t", attempts = 1);
listener!(unknown: topic = "u", attempts = 1, properties("fetch.max.byte" = "1", "auto.offset.reset" = "latest"));
listener!(producers: topic = "v", attempts = 1, properties("linger.ms" = "5", "bootstrap.servers" = "elsewhere:9092"));
listener!(value: topic = "w", attempts = 1, properties("fetch.max.bytes" = "${SIZE:many}"));
listener!(unlike: topic = "x", attempts = 1, properties("group.protocol" = "consumer"));

#[tokio::test(start_paused = true)]
async fn what_is_set_elsewhere_is_a_property_too() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    topics(&kafka);
    let app = || app(&kafka, &notes).setting("shared", "properties.client.id", "x");
    let wrong = app().setting("own", "properties.session.timeout.ms", "soon").start().await.unwrap_err().to_string();
    assert!(
        wrong.contains("`properties` (`App::setting`): the client property `session.timeout.ms` cannot be used"),
        "{wrong}"
    );
    let app = app();
    kafka.start(app).await.unwrap();
    assert_eq!(members(&kafka), [2, 2, 1], "both have properties of their own now");
}

#[tokio::test]
async fn properties_that_cannot_be_are_refused_with_their_listener() {
    let kafka = TestKafka::new();
    let app = kafka.app().listener(plain).listener(unknown).listener(producers).listener(value).listener(unlike);
    let error = app.start().await.unwrap_err().to_string();
    for expected in [
        "unknown (tests/tests/listening/own_consumers.rs:",
        "there is no client property `fetch.max.byte`; did you mean `fetch.max.bytes`?",
        "the client property `auto.offset.reset` cannot be `latest`: where a listener begins is its `offset_reset`",
        "`linger.ms` is a producer's property, and a listener has no producer of its own",
        "`bootstrap.servers` is the application's: all its listeners are on one cluster",
        "the client property `fetch.max.bytes` cannot be used",
        "`group.protocol=consumer`: the in-process broker knows `classic` only",
        "are in the group `test` with different values of `group.protocol`: a group shares out partitions in one way",
    ] {
        assert!(error.contains(expected), "{expected}\n{error}");
    }
}

#[kafka_listener(topic = "new", properties("group.protocol" = "consumer", "heartbeat.interval.ms" = "1000"))]
async fn contradicts(_: &str) {}

#[tokio::test]
async fn properties_that_contradict_each_other_are_refused_before_anything_is_connected_to() {
    let app = App::new().group("g").property("bootstrap.servers", "127.0.0.1:1").listener(contradicts);
    let error = app.start().await.unwrap_err().to_string();
    for part in ["the application cannot start:", "contradicts (", "cannot be used together", "`heartbeat.interval.ms`"]
    {
        assert!(error.contains(part), "{part:?} is not in {error}");
    }
}
