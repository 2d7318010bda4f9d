//! What several of these tests share: notes that a handler takes, and records that no producer of ours would write.

pub mod config_file;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use kafka_listen::testing::{Delivered, Outgoing, OwnedBody, TestKafka, Wanted};
use kafka_listen::{App, HeaderBuf, TopicName, Written};

/// What a handler saw, in order; a state of the application under test.
#[derive(Clone, Default)]
pub struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    pub fn add(&self, note: impl Into<String>) {
        self.0.lock().unwrap().push(note.into());
    }

    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

/// A header as its bytes.
pub type Raw<'a> = (&'a [u8], Option<&'a [u8]>);

/// A record with whatever bytes a test wants.
pub fn raw(topic: &str, partition: i32, value: Option<&[u8]>, headers: &[Raw<'_>]) -> Outgoing {
    let bytes = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    let headers = headers.iter().map(|(name, value)| HeaderBuf { name: bytes(name), value: value.map(bytes) });
    let body = OwnedBody { key: None, value: value.map(bytes), headers: headers.collect() };
    Outgoing {
        topic: TopicName::new(topic).unwrap(),
        partition: Wanted::Exactly(partition),
        body: body.pack().unwrap(),
        timestamp: None,
    }
}

/// Writes a record that needs no key.
pub async fn send(kafka: &TestKafka, topic: &str, partition: i32, text: &str) -> Written {
    kafka.producer().to(topic).partition(partition).text(text).send().await.unwrap()
}

/// Runs the listeners of `app` on these records of one partition of `t`, until nothing is left to do; what they noted.
pub async fn run(app: impl FnOnce(App) -> App, texts: &[&str]) -> (TestKafka, Vec<String>) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(app(kafka.app()).state(notes.clone())).await.unwrap();
    for text in texts {
        send(&kafka, "t", 0, text).await;
    }
    kafka.settle().await;
    (kafka, notes.all())
}

/// The value of the last header of this name.
pub fn header<'r>(headers: &'r [HeaderBuf], name: &str) -> Option<&'r [u8]> {
    headers.iter().rev().find(|header| header.name == name)?.value.as_deref()
}

/// The deliveries that failed.
pub fn failed(kafka: &TestKafka) -> Vec<Delivered> {
    kafka.deliveries().into_iter().filter(|delivery| delivery.error.is_some()).collect()
}

/// When each delivery of this topic ended, in milliseconds.
pub fn times(kafka: &TestKafka, topic: &str) -> Vec<u128> {
    kafka.deliveries().iter().filter(|delivery| delivery.topic == topic).map(|it| it.at.as_millis()).collect()
}

pub const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
