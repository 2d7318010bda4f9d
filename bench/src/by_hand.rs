//! A chain of retry topics as it is written by hand for speed alone, with what the `rdkafka` crate has.
//!
//! It reads and writes what a kafka-listen chain reads and writes, and promises nothing: no acknowledgement is waited for, no
//! offset is committed, and a record that is not due holds up those behind it. So it is the most that can be had.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::{BaseRecord, DefaultProducerContext, ThreadedProducer};

use crate::lab::Error;
use crate::meter::Round;
use crate::stage::send;
use crate::usage::cpu;

type Writer = ThreadedProducer<DefaultProducerContext>;

/// A source topic and those behind it, and which records go on from one to the next.
pub struct Chain<'a> {
    /// Where Kafka is.
    pub bootstrap: &'a str,
    /// The group of all consumers.
    pub group: &'a str,
    /// The source topic, then the others, each with how long a record waits in it.
    pub topics: &'a [(String, Duration)],
    /// Whether a record of the source goes on; then it goes to the last topic.
    pub fails: fn(&[u8]) -> bool,
    /// What it carries from the first failure on, beside its due time.
    pub headers: &'a [(&'a str, &'a [u8])],
}

/// The header that is written anew on each hop.
const DUE: &str = "retry_topic-backoff-timestamp";

impl Chain<'_> {
    /// Runs until so many records have ended; from the first that is read.
    pub fn run(&self, producer: &Writer, records: usize) -> Result<Round, Error> {
        let (ended, over) = (AtomicUsize::new(0), AtomicBool::new(false));
        let consumers: Result<Vec<_>, _> = self.topics.iter().map(|(topic, _)| self.consumer(topic)).collect();
        let mut consumers = consumers?.into_iter();
        let source = consumers.next().ok_or("a chain has a source")?;
        let mut begin = None;
        thread::scope(|scope| {
            for (place, consumer) in (1..).zip(consumers) {
                let (ended, over) = (&ended, &over);
                scope.spawn(move || self.serve(place, &consumer, producer, ended, over));
            }
            while ended.load(Ordering::Relaxed) < records {
                let Some(Ok(message)) = source.poll(Duration::from_millis(1)) else { continue };
                begin.get_or_insert_with(|| (Instant::now(), cpu()));
                self.handle(0, &message, producer, &ended);
            }
            over.store(true, Ordering::Relaxed);
        });
        let (since, used) = begin.ok_or("there is no record")?;
        Ok(Round { records, time: since.elapsed(), cpu: cpu() - used })
    }

    fn consumer(&self, topic: &str) -> Result<BaseConsumer, Error> {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.bootstrap).set("group.id", format!("{}-{topic}", self.group));
        config.set("auto.offset.reset", "earliest").set("fetch.queue.backoff.ms", "10");
        config.set("enable.auto.commit", "false");
        let consumer: BaseConsumer = config.create()?;
        consumer.subscribe(&[topic])?;
        Ok(consumer)
    }

    fn serve(&self, place: usize, consumer: &BaseConsumer, producer: &Writer, ended: &AtomicUsize, over: &AtomicBool) {
        while !over.load(Ordering::Relaxed) {
            let Some(Ok(message)) = consumer.poll(Duration::from_millis(10)) else { continue };
            wait_for(&message);
            self.handle(place, &message, producer, ended);
        }
    }

    fn handle(&self, place: usize, message: &BorrowedMessage<'_>, producer: &Writer, ended: &AtomicUsize) {
        let value = message.payload().unwrap_or_default();
        let next = self.topics.get(place + 1).filter(|_| place > 0 || (self.fails)(value));
        let Some((topic, delay)) = next else {
            ended.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let due = now() + delay.as_millis() as u64;
        let mut headers = OwnedHeaders::new_with_capacity(self.headers.len() + 1);
        match message.headers() {
            None => {
                for &(key, value) in self.headers {
                    headers = headers.insert(Header { key, value: Some(value) });
                }
            }
            Some(before) => {
                for header in before.iter().filter(|header| header.key != DUE) {
                    headers = headers.insert(header);
                }
            }
        }
        let headers = headers.insert(Header { key: DUE, value: Some(&due.to_be_bytes()) });
        let record = BaseRecord::<[u8], [u8]>::to(topic).payload(value).headers(headers);
        // A record that cannot be written is missed at the end, which then does not come.
        let _ = send(producer, record.partition(message.partition()));
    }
}

fn wait_for(message: &BorrowedMessage<'_>) {
    let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
    let due = headers.filter(|header| header.key == DUE).find_map(|header| header.value?.try_into().ok());
    let wait = due.map_or(0, |due| u64::from_be_bytes(due).saturating_sub(now()));
    if wait > 0 {
        thread::sleep(Duration::from_millis(wait));
    }
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64
}
