//! Records of one partition that are being written to a retry topic or a DLT.
//!
//! What could not be written is written again, for ever: its source stays unfinished, so that nothing is committed past
//! it, and everything heals when the topic does.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::record::Outgoing;
use crate::retry::Shrink;

/// Writes of one partition that are not acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Publishing {
    tries: HashMap<u64, u32>,
    shrunk: HashMap<u64, Shrink>,
    resting: BTreeMap<(Timestamp, u64), Outgoing>,
}

impl Publishing {
    const FIRST_PAUSE: Duration = Duration::from_millis(100);
    const LONGEST_PAUSE: Duration = Duration::from_secs(10);

    /// The record with this number is being written for the first time.
    pub(crate) fn started(&mut self, number: u64) {
        self.tries.insert(number, 1);
    }

    /// It was acknowledged; whether it was awaited.
    pub(crate) fn acknowledged(&mut self, number: u64) -> bool {
        self.shrunk.remove(&number);
        self.tries.remove(&number).is_some()
    }

    /// It is too large; what to leave out of it next, if anything is left to leave out.
    pub(crate) fn too_large(&mut self, number: u64) -> Option<Shrink> {
        let shrunk = self.shrunk.entry(number).or_default();
        *shrunk = shrunk.next()?;
        Some(*shrunk)
    }

    /// It was not written; how often that was tried. It will be tried again after a pause that grows.
    pub(crate) fn failed(&mut self, number: u64, record: Outgoing, now: Timestamp) -> u32 {
        let Some(tries) = self.tries.get_mut(&number) else { return 0 };
        let pause = Self::FIRST_PAUSE.saturating_mul(1 << (*tries - 1).min(16)).min(Self::LONGEST_PAUSE);
        self.resting.insert((now.after(pause), number), record);
        *tries = tries.saturating_add(1);
        *tries - 1
    }

    /// The next record whose pause is over.
    pub(crate) fn pop_due(&mut self, now: Timestamp) -> Option<(u64, Outgoing)> {
        let entry = self.resting.first_entry()?;
        let (at, number) = *entry.key();
        (at <= now).then(|| (number, entry.remove()))
    }

    /// The clock stepped back.
    pub(crate) fn step_back(&mut self, step: Duration) {
        let resting = std::mem::take(&mut self.resting);
        self.resting = resting.into_iter().map(|((at, number), record)| ((at.before(step), number), record)).collect();
    }

    /// When the next pause is over.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        Some(self.resting.first_key_value()?.0.0)
    }

    /// Whether everything is acknowledged.
    pub(crate) fn is_idle(&self) -> bool {
        self.tries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{OwnedBody, TopicName};

    fn record() -> Outgoing {
        let topic = TopicName::new("t-dlt").unwrap();
        Outgoing { topic, partition: None, body: OwnedBody::default(), timestamp: None }
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_it_is_never_given_up() {
        let mut publishing = Publishing::default();
        publishing.started(7);
        let mut now = Timestamp::from_millis(0);
        let mut pauses = Vec::new();
        for tries in 1..40 {
            assert_eq!(publishing.failed(7, record(), now), tries);
            let at = publishing.next().unwrap();
            pauses.push(at.since(now).as_millis());
            assert!(publishing.pop_due(Timestamp::from_millis(at.as_millis() - 1)).is_none());
            now = at;
            assert_eq!(publishing.pop_due(now).unwrap().0, 7);
            assert!(!publishing.is_idle());
        }
        assert_eq!(&pauses[..8], [100, 200, 400, 800, 1600, 3200, 6400, 10_000]);
        assert_eq!(pauses.last(), Some(&10_000));
        assert!(publishing.acknowledged(7));
        assert!(publishing.is_idle());
        assert!(!publishing.acknowledged(7), "a second acknowledgement is nobody's");
    }
}
