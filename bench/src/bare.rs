//! The loop that people write by hand, tuned as those who know do: `BaseConsumer::poll`, one record at a time.

use std::error::Error;
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;

use crate::round::Round;
use crate::usage::cpu;

/// Reads all records of a topic.
pub fn read(bootstrap: &str, topic: &str, group: &str, records: usize) -> Result<Round, Box<dyn Error>> {
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
    Ok(Round { time: since.elapsed(), cpu: cpu() - used })
}
