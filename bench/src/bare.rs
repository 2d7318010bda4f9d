//! What is compared with: the code that people write by hand, tuned as those who know do.

use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;

use crate::lab::Error;
use crate::meter::Round;
use crate::usage::cpu;

/// Reads all records of a topic by `BaseConsumer::poll`, one at a time.
pub fn read(bootstrap: &str, topic: &str, group: &str, records: usize) -> Result<Round, Error> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("group.id", group).set("auto.offset.reset", "earliest");
    config.set("fetch.queue.backoff.ms", "10");
    let consumer: BaseConsumer = config.create()?;
    consumer.subscribe(&[topic])?;
    let (mut count, mut bytes, mut begin) = (0, 0, None);
    while count < records {
        let Some(message) = consumer.poll(Duration::from_millis(100)) else { continue };
        begin.get_or_insert_with(|| (Instant::now(), cpu()));
        bytes += message?.payload().map_or(0, <[u8]>::len);
        count += 1;
    }
    std::hint::black_box(bytes);
    let (since, used) = begin.ok_or("there is no record")?;
    Ok(Round { records, time: since.elapsed(), cpu: cpu() - used })
}

/// Sleeps in so many Tokio tasks side by side, again and again; how many sleeps end in a second.
pub async fn sleeps(tasks: usize, sleep: Duration, time: Duration) -> f64 {
    let begin = Instant::now();
    let task = move || async move {
        let mut count = 0_usize;
        while begin.elapsed() < time {
            tokio::time::sleep(sleep).await;
            count += 1;
        }
        count
    };
    let tasks: Vec<_> = (0..tasks).map(|_| tokio::spawn(task())).collect();
    let mut count = 0;
    for task in tasks {
        count += task.await.unwrap_or(0);
    }
    count as f64 / begin.elapsed().as_secs_f64()
}
