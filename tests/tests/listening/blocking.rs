//! Tries in place as `blocking(…)` declares them: they wait in the lane, and nowhere else.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, millis, seconds, send, times};

#[kafka_listener(topic = "t", blocking(attempts = 4, delay = "1s", multiplier = 2, max_delay = "3s"))]
async fn in_place(text: &str, attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{text} {} of {}{}", attempt.in_place, attempt.in_place_of, last(attempt)));
    if text == "fail" { Err("never".to_owned()) } else { Ok(()) }
}

fn last(attempt: Attempt) -> &'static str {
    if attempt.is_last() { ", last" } else { "" }
}

#[tokio::test(start_paused = true)]
async fn tries_wait_in_their_lane_and_keep_its_order_while_others_go_on() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 2);
    kafka.start(kafka.app().listener(in_place).state(notes.clone())).await.unwrap();
    for (partition, text) in [(0, "fail"), (0, "behind"), (1, "beside")] {
        send(&kafka, "t", partition, text).await;
    }
    kafka.settle().await;
    let seen: Vec<_> =
        kafka.deliveries().iter().map(|it| (it.partition, it.offset, it.in_place, it.at.as_secs())).collect();
    let expected = [(0, 0, 1, 0), (1, 0, 1, 0), (0, 0, 2, 1), (0, 0, 3, 3), (0, 0, 4, 6), (0, 1, 1, 6)];
    assert_eq!(seen, expected, "after 1, 2 and 3 seconds; what is behind it waits");
    assert!(notes.all().contains(&"fail 4 of 4, last".to_owned()), "{:?}", notes.all());
    assert_eq!((kafka.dead_letters("t").len(), kafka.cluster().topics().len()), (1, 2), "and no retry topic");
}

#[kafka_listener(
    topic = "t",
    attempts = 2,
    backoff(delay = "10s"),
    blocking(attempts = "${TRIES:2}", delay = "${PAUSE:100ms}")
)]
async fn both(attempt: Attempt, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(format!("{} of {}, {}{}", attempt.number, attempt.of, attempt.in_place, last(attempt)));
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn each_delivery_through_topics_has_its_tries_in_place() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(both).state(notes.clone())).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.settle().await;
    assert_eq!(notes.all(), ["1 of 2, 1", "1 of 2, 2", "2 of 2, 1", "2 of 2, 2, last"]);
    assert_eq!((times(&kafka, "t"), times(&kafka, "t-retry")), (vec![0, 100], vec![10_100, 10_200]));
}

#[kafka_listener(topic = "t", blocking(attempts = 1))]
async fn once() -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "t", blocking(delay = "10ms"), group = "ten")]
async fn ten_times() -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn without_a_number_there_are_ten() {
    for (expected, which) in [(1, "once"), (10, "ten")] {
        let mut kafka = TestKafka::new();
        kafka.create_topic("t", 1);
        let app = if which == "once" { kafka.app().listener(once) } else { kafka.app().listener(ten_times) };
        kafka.start(app).await.unwrap();
        send(&kafka, "t", 0, "x").await;
        kafka.settle().await;
        let last = millis(10) * (expected - 1);
        let seen = kafka.deliveries();
        assert_eq!((seen.len(), seen.last().unwrap().at), (expected as usize, last), "{which}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_in_place_outlives_every_deadline_of_the_group_and_ends_with_the_stop() {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    let app = |kafka: &TestKafka| kafka.app().listener(both).state(notes.clone()).property("PAUSE", "1h");
    kafka.start(app(&kafka)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    kafka.advance(seconds(1800)).await;
    assert_eq!(kafka.cluster().members("test")[0].partitions.len(), 1, "it stays a member");
    kafka.stop().await;
    assert!(kafka.elapsed() < seconds(1801), "the stop waits for no pause: {:?}", kafka.elapsed());
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(0), "and the record stays unfinished");
    kafka.start(app(&kafka)).await.unwrap();
    kafka.advance(seconds(1)).await;
    assert_eq!(notes.all(), ["1 of 2, 1", "1 of 2, 1"], "it is delivered again");
}

#[tokio::test(start_paused = true)]
async fn what_start_up_cannot_make_sense_of_is_told() {
    let kafka = TestKafka::new();
    let app = kafka.app().listener(both).state(Notes::default()).property("TRIES", "0").property("PAUSE", "soon");
    let error = app.start().await.err().unwrap().to_string();
    assert!(error.contains("`blocking(delay)` (`${PAUSE}` from `App::property`): \"soon\" is no time"), "{error}");
    let app = kafka.app().listener(both).state(Notes::default()).property("TRIES", "0");
    let error = app.start().await.err().unwrap().to_string();
    let told = "`blocking(attempts)` (`${TRIES}` from `App::property`): `attempts = 0` counts the first";
    assert!(error.contains(told), "{error}");
}
