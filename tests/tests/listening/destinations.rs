//! One shared producer, many destinations: one that cannot be written to holds up no other.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{raw, seconds};

#[kafka_listener(topic = "stuck", attempts = 1)]
async fn stuck() -> Result<(), String> {
    Err("never".to_owned())
}

#[kafka_listener(topic = "moving", attempts = 1)]
async fn moving() -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_nobody_acknowledges_does_not_take_the_producer_from_another() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("stuck", 4);
    kafka.create_topic("moving", 1);
    kafka.cluster().set_queue(200);
    kafka.cluster().delay_publishes("stuck-dlt", seconds(30));
    for number in 0..400 {
        kafka.cluster().produce(raw("stuck", number % 4, Some(b"x"), &[])).unwrap();
    }
    kafka.start(kafka.app().listener(stuck).listener(moving)).await.unwrap();
    kafka.advance(seconds(1)).await;
    for _ in 0..500 {
        kafka.cluster().produce(raw("moving", 0, Some(b"x"), &[])).unwrap();
    }
    kafka.advance(seconds(10)).await;
    assert_eq!(kafka.dead_letters("moving").len(), 500);
    assert_eq!(kafka.lag("test", "moving"), 0);
    let written = kafka.dead_letters("stuck").len();
    assert!((4..100).contains(&written), "most wait for a place: {written}");
    kafka.cluster().heal();
    kafka.settle().await;
    assert_eq!(kafka.dead_letters("stuck").len(), 400);
}
