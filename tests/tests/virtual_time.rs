//! Listeners on the in-process broker, in virtual time.

use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

#[kafka_listener(topic = "email.send", attempts = 5, backoff(delay = 1000, multiplier = 2), dlt_suffix = ".dlt")]
async fn send_email(to: &str) -> Result<(), String> {
    if to.starts_with("fail@") { Err(format!("cannot deliver to {to}")) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn five_deliveries_then_the_dlt() {
    let began = std::time::Instant::now();
    let mut kafka = TestKafka::new();
    kafka.create_topic("email.send", 3);
    kafka.start(kafka.app().listener(send_email)).await.unwrap();
    kafka.producer().to("email.send").key("a").text("fail@x").send().await.unwrap();
    kafka.producer().to("email.send").key("a").text("ok@x").send().await.unwrap();
    kafka.settle().await;
    for d in kafka.deliveries() {
        println!("{d:?}");
    }
    let failing: Vec<_> =
        kafka.deliveries().into_iter().filter(|d| d.error.is_some()).map(|d| (d.topic, d.attempt, d.at)).collect();
    println!("{failing:?}");
    println!("{:?}", kafka.dead_letters("email.send"));
    println!("elapsed {:?} real {:?}", kafka.elapsed(), began.elapsed());
    kafka.stop().await;
    let _ = Duration::ZERO;
}
