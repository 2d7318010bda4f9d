//! Fills topics.

use std::error::Error;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, Producer, ThreadedProducer};

/// Writes so many records of so many bytes, spread over the partitions.
pub fn fill(bootstrap: &str, topic: &str, partitions: i32, records: usize, bytes: usize) -> Result<(), Box<dyn Error>> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("linger.ms", "5").set("queue.buffering.max.messages", "1000000");
    let producer: ThreadedProducer<DefaultProducerContext> = config.create()?;
    let value = vec![b'x'; bytes];
    for number in 0..records {
        let partition = (number % partitions as usize) as i32;
        let mut record = BaseRecord::<(), [u8]>::to(topic).payload(&value).partition(partition);
        while let Err((error, back)) = producer.send(record) {
            if error != KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull) {
                return Err(error.into());
            }
            std::thread::yield_now();
            record = back;
        }
    }
    producer.flush(Duration::from_secs(120))?;
    Ok(())
}
