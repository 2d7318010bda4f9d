//! A consumer whose drop waits for nothing: it leaves its group, and its client is destroyed, on a thread of its own.
//! That waits for the last of its records, and for brokers that may be away.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::consumer::KafkaConsumer;
use super::elsewhere::in_thread;
use super::leaving::Stage;
use crate::broker::{Consumer, ConsumerEvent, OffsetReset, Room, Taken};
use crate::clock::Timestamp;
use crate::record::{AssignmentId, Record, TopicName};

/// How long a consumer may take to go before it is given up.
const PATIENCE: Duration = Duration::from_secs(12);
/// How long it rests between two looks.
const STEP: Duration = Duration::from_millis(5);

/// A consumer, until it is dropped.
pub(super) struct Leaver(Option<KafkaConsumer>);

impl Leaver {
    pub(super) fn new(consumer: KafkaConsumer) -> Self {
        Self(Some(consumer))
    }

    #[expect(clippy::expect_used, reason = "it is there until `drop` takes it, and nothing is called after that")]
    fn consumer(&mut self) -> &mut KafkaConsumer {
        self.0.as_mut().expect("only `drop` takes it")
    }
}

impl Consumer for Leaver {
    fn poll(&mut self, events: &mut Vec<ConsumerEvent>) {
        self.consumer().poll(events);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        self.0.as_ref()?.wake_at()
    }

    fn take(&mut self, id: AssignmentId, room: Room, records: &mut Vec<Record>) -> Taken {
        self.consumer().take(id, room, records)
    }

    fn rest(&mut self, id: AssignmentId) {
        self.consumer().rest(id);
    }

    fn position(&mut self, id: AssignmentId) -> Option<i64> {
        self.consumer().position(id)
    }

    fn commit(&mut self, offsets: &[(AssignmentId, i64)]) {
        self.consumer().commit(offsets);
    }

    fn release(&mut self, ids: &[AssignmentId]) {
        self.consumer().release(ids);
    }

    fn subscribe(&mut self, topics: &[(TopicName, OffsetReset)]) {
        self.consumer().subscribe(topics);
    }

    fn close(&mut self) {
        self.consumer().close();
    }
}

impl Drop for Leaver {
    fn drop(&mut self) {
        let Some(mut consumer) = self.0.take() else { return };
        in_thread("kafka-listen-leave", move || {
            let group = consumer.group.clone();
            let (done, is_done) = mpsc::channel();
            in_thread("kafka-listen-destroy", move || {
                leave(&mut consumer);
                drop(consumer);
                // Fails if nobody waits any more.
                let _ = done.send(());
            });
            if is_done.recv_timeout(PATIENCE).is_err() {
                tracing::warn!(
                    group,
                    "a Kafka consumer could not be destroyed within {PATIENCE:?} and is left behind: a handler holds \
                     one of its records, or the brokers are away"
                );
            }
        });
    }
}

/// Serves a consumer until it has left its group; each of its steps ends by itself.
fn leave(consumer: &mut KafkaConsumer) {
    consumer.abandon();
    let mut events = Vec::new();
    while consumer.stage != Stage::Closed {
        consumer.poll(&mut events);
        events.clear();
        thread::park_timeout(STEP);
    }
}
