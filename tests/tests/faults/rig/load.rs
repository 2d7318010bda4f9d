//! Records that keep coming.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use kafka_listen_tests::history::broker;
use kafka_listen_tests::real_kafka::RealKafka;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::{PATIENCE, Rig};

/// Numbers that keep coming, each the value of a record.
pub struct Load {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<u64>,
}

impl Load {
    /// Begins to write so many a second.
    pub fn start(rig: &Rig<'_>, per_second: u64) -> Self {
        let producer = producer(rig.kafka);
        let (topic, stop) = (rig.topic.clone(), Arc::<AtomicBool>::default());
        let stopped = stop.clone();
        let thread = thread::spawn(move || {
            let (mut number, began) = (0, Instant::now());
            while !stopped.load(Ordering::Relaxed) {
                let due = began.elapsed().as_millis() as u64 * per_second / 1000;
                while number < due {
                    send(&producer, &topic, &number.to_string());
                    number += 1;
                }
                producer.poll(Duration::from_millis(10));
            }
            producer.flush(PATIENCE).unwrap();
            number
        });
        Self { stop, thread }
    }

    /// Ends it; how many numbers were written.
    pub fn stop(self) -> u64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn producer(kafka: &RealKafka) -> BaseProducer {
    broker::client(&kafka.bootstrap()).set("enable.idempotence", "true").set("linger.ms", "5").create().unwrap()
}

fn send(producer: &BaseProducer, topic: &str, value: &str) {
    // The last digits, so that a key has many numbers, some of which fail and some of which do not.
    let key = &value[value.len().saturating_sub(2)..];
    producer.send(BaseRecord::to(topic).key(key).payload(value)).map_err(|(error, _)| error).unwrap();
}

/// Writes these numbers.
pub fn produce(rig: &Rig<'_>, numbers: impl IntoIterator<Item = u64>) {
    let producer = producer(rig.kafka);
    numbers.into_iter().for_each(|number| send(&producer, &rig.topic, &number.to_string()));
    producer.flush(PATIENCE).unwrap();
}
