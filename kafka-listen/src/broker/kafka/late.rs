//! Partitions that came when nobody led them: they begin when somebody does, and the others do not wait for them.

use std::time::Duration;

use super::consumer::{KafkaConsumer, now};
use crate::broker::{ConsumerError, ConsumerEvent};
use crate::clock::Timestamp;
use crate::record::TopicPartition;

/// How often it is asked whether somebody leads them.
const LOOK: Duration = Duration::from_secs(1);

/// Assigned to us by the group, and not read yet.
#[derive(Debug, Default)]
pub(super) struct Late {
    places: Vec<TopicPartition>,
    look_at: Option<Timestamp>,
}

impl Late {
    /// These went to somebody else.
    pub(super) fn forget(&mut self, places: &[TopicPartition]) {
        self.places.retain(|place| !places.contains(place));
    }

    /// All of them are lost.
    pub(super) fn clear(&mut self) {
        self.places.clear();
    }

    /// When to look again.
    pub(super) fn look_at(&self) -> Option<Timestamp> {
        self.look_at.filter(|_| !self.places.is_empty())
    }
}

impl KafkaConsumer {
    /// Looks for them again later.
    pub(super) fn wait_for_leaders(&mut self, places: Vec<TopicPartition>) {
        for place in &places {
            let message =
                format!("nobody leads {place}, so that it cannot be read yet; look at the brokers that hold it");
            let (fatal, partition) = (false, Some(place.clone()));
            self.outbox.push(ConsumerEvent::Failed(ConsumerError { fatal, partition, message }));
        }
        self.late.places.extend(places);
        self.late.look_at = Some(now().after(LOOK));
    }

    /// Begins with those that have a leader by now.
    pub(super) fn begin_late(&mut self) {
        if !self.may_repair() || self.late.look_at().is_none_or(|at| now() < at) {
            return;
        }
        self.late.look_at = Some(now().after(LOOK));
        let Ok(found) = self.find(&self.late.places) else { return };
        self.late.places = found.leaderless;
        if !found.starts.is_empty() {
            self.begin(found.starts);
        }
    }
}
