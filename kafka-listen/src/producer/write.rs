//! A record's way to the broker: handed over as soon as there is room, and its acknowledgement.

use std::time::Duration;

use tokio::sync::oneshot;

use super::carried::Carried;
use super::{Producer, SendError};
use crate::broker::{Full, ProducerPort, Receipt};
use crate::record::{Headers, Outgoing, PublishError, TopicName, Written};

/// A record that the producer has.
pub(crate) struct Handed {
    topic: TopicName,
    receiver: oneshot::Receiver<Result<Written, PublishError>>,
}

/// Hands a record over as soon as the producer's queue has room.
pub(crate) async fn hand_over(port: &dyn ProducerPort, mut record: Outgoing) -> Handed {
    const SHORTEST: Duration = Duration::from_millis(1);
    const LONGEST: Duration = Duration::from_millis(64);
    let topic = record.topic.clone();
    let (sender, receiver) = oneshot::channel();
    // Nobody listens any more if the future was dropped; the record is written all the same.
    let mut receipt: Receipt = Box::new(move |written| drop(sender.send(written)));
    let mut pause = SHORTEST;
    while let Err(full) = port.send(record, receipt) {
        Full { record, receipt } = full;
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
    Handed { topic, receiver }
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
            handed.push(hand_over(&*self.port, answer).await);
        }
        for handed in handed {
            handed.written().await?;
        }
        Ok(())
    }
}
