//! What is compared with: the code that people write by hand, tuned as those who know do.

use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::{ClientConfig, Offset, TopicPartitionList, bindings};

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

/// Takes batches from the client's queue, of one partition without a group, and drops them: faster than this librdkafka hands
/// out nothing.
#[expect(unsafe_code, reason = "the `rdkafka` crate has no batches")]
pub fn take(bootstrap: &str, topic: &str, records: usize) -> Result<Round, Error> {
    const BATCH: usize = 1024;
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("group.id", "nobody").set("fetch.queue.backoff.ms", "10");
    let consumer: BaseConsumer = config.create()?;
    let mut partitions = TopicPartitionList::new();
    partitions.add_partition_offset(topic, 0, Offset::Beginning)?;
    consumer.assign(&partitions)?;
    let (mut count, mut begin, mut batch) = (0, None, [std::ptr::null_mut(); BATCH]);
    // SAFETY: the client outlives its queue, which is destroyed once; so is each message, which was handed out to us alone.
    unsafe {
        let queue = bindings::rd_kafka_queue_get_consumer(consumer.client().native_ptr());
        while count < records {
            let taken = bindings::rd_kafka_consume_batch_queue(queue, 100, batch.as_mut_ptr(), BATCH);
            let taken = usize::try_from(taken).unwrap_or_default();
            if taken > 0 {
                begin.get_or_insert_with(|| (Instant::now(), cpu()));
            }
            batch[..taken].iter().for_each(|&message| bindings::rd_kafka_message_destroy(message));
            count += taken;
        }
        bindings::rd_kafka_queue_destroy(queue);
    }
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
