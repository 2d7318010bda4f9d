//! A record's way to the broker: handed over as soon as there is room, and its acknowledgement.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use super::carried::Carried;
use super::{Producer, SendError};
use crate::broker::{Full, ProducerPort, Receipt};
use crate::record::{Headers, Outgoing, PublishError, TopicName, Wanted, Written};

/// The way to the producer's queue, for all who write.
pub(super) struct Gate {
    port: Arc<dyn ProducerPort>,
    /// Where somebody waits for a place, everybody does who comes later: records for one destination keep their order.
    lines: Mutex<HashMap<Destination, Line>>,
}

type Destination = (TopicName, Wanted);

/// Whoever has the lock is next. It goes from one to the other in the order in which they came.
type Line = Arc<tokio::sync::Mutex<()>>;

/// A place in a line.
struct Waiting<'a> {
    gate: &'a Gate,
    destination: Destination,
    line: Line,
}

/// A record that the producer has.
pub(crate) struct Handed {
    topic: TopicName,
    receiver: oneshot::Receiver<Result<Written, PublishError>>,
}

impl Gate {
    pub(super) fn new(port: Arc<dyn ProducerPort>) -> Self {
        Self { port, lines: Mutex::default() }
    }

    /// Hands a record over as soon as the producer's queue has room.
    pub(super) async fn hand_over(&self, record: Outgoing) -> Handed {
        let (topic, destination) = (record.topic.clone(), record.destination());
        let (sender, receiver) = oneshot::channel();
        // Nobody listens any more if the future was dropped; the record is written all the same.
        let receipt: Receipt = Box::new(move |written| drop(sender.send(written)));
        if let Err((full, line)) = self.try_at_once(&destination, Full { record, receipt }) {
            Waiting { gate: self, destination, line }.hand_over(full).await;
        }
        Handed { topic, receiver }
    }

    /// The record and its line come back if it has to wait.
    fn try_at_once(&self, destination: &Destination, it: Full) -> Result<(), (Full, Line)> {
        let mut lines = self.lock();
        if let Some(line) = lines.get(destination) {
            return Err((it, line.clone()));
        }
        let sent = self.port.send(it.record, it.receipt);
        sent.map_err(|full| (full, lines.entry(destination.clone()).or_default().clone()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Destination, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting<'_> {
    async fn hand_over(&self, mut it: Full) {
        const SHORTEST: Duration = Duration::from_millis(1);
        const LONGEST: Duration = Duration::from_millis(64);
        let _turn = self.line.lock().await;
        let mut pause = SHORTEST;
        while let Err(full) = self.gate.port.send(it.record, it.receipt) {
            it = full;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut lines = self.gate.lock();
        // This one and the gate's own: nobody stands behind it.
        if Arc::strong_count(&self.line) == 2 {
            lines.remove(&self.destination);
        }
    }
}

impl Handed {
    /// Waits until the broker has acknowledged it.
    pub(crate) async fn written(self) -> Result<Written, SendError> {
        self.receiver.await.map_err(|_| SendError::forgotten(&self.topic))?.map_err(SendError::from)
    }
}

impl Producer {
    /// Writes answers to a record with these headers, in their order, and waits until all are acknowledged.
    pub(crate) async fn write_answers(&self, answers: Vec<Outgoing>, headers: Headers<'_>) -> Result<(), SendError> {
        let carried = Carried::with_answer_to(headers);
        let mut handed = Vec::with_capacity(answers.len());
        for answer in answers {
            let answer = carried.with(answer)?;
            handed.push(self.gate.hand_over(answer).await);
        }
        for handed in handed {
            handed.written().await?;
        }
        Ok(())
    }
}
