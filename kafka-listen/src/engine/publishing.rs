//! Records of one partition that are being written to a retry topic or a DLT.
//!
//! What could not be written is written again, for ever: its source stays unfinished, so that nothing is committed past
//! it, and everything heals when the topic does.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::record::Outgoing;
use crate::retry::Shrink;

/// Writes of one partition that are not acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Publishing {
    writing: BTreeMap<u64, Writing>,
    /// In the order in which they began; what is acknowledged stays until it is the first.
    oldest: VecDeque<(Timestamp, u64)>,
    told: Option<Timestamp>,
    resting: BTreeMap<(Timestamp, u64), Outgoing>,
}

/// A record that is being written.
#[derive(Debug, Default)]
struct Writing {
    /// How often that has failed.
    failures: u32,
    /// What was left out of it.
    shrunk: Shrink,
}

/// Writes that take suspiciously long: the client keeps trying by itself, and says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slow {
    /// How long the oldest has taken.
    pub(crate) age: Duration,
    /// How many there are.
    pub(crate) count: usize,
}

impl Publishing {
    /// A write that takes longer is told of.
    const SLOW: Duration = Duration::from_secs(10);
    /// How long after that it is told again.
    const TELL_AGAIN: Duration = Duration::from_secs(60);
    const FIRST_PAUSE: Duration = Duration::from_millis(100);
    const LONGEST_PAUSE: Duration = Duration::from_secs(10);

    /// The record with this number is being written for the first time.
    pub(crate) fn started(&mut self, number: u64, now: Timestamp) {
        self.writing.insert(number, Writing::default());
        self.oldest.push_back((now, number));
    }

    /// The last below this number that is being written.
    pub(crate) fn last_below(&self, number: u64) -> Option<u64> {
        self.writing.range(..number).next_back().map(|(number, _)| *number)
    }

    /// It was acknowledged; whether it was awaited.
    pub(crate) fn acknowledged(&mut self, number: u64) -> bool {
        let awaited = self.writing.remove(&number).is_some();
        while self.oldest.pop_front_if(|(_, number)| !self.writing.contains_key(number)).is_some() {}
        awaited
    }

    /// It is too large; what to leave out of it next, if anything is left to leave out.
    pub(crate) fn too_large(&mut self, number: u64) -> Option<Shrink> {
        let writing = self.writing.get_mut(&number)?;
        writing.shrunk = writing.shrunk.next()?;
        Some(writing.shrunk)
    }

    /// It was not written; how often that was tried. It will be tried again after a pause that grows.
    pub(crate) fn failed(&mut self, number: u64, record: Outgoing, now: Timestamp) -> u32 {
        let Some(Writing { failures, .. }) = self.writing.get_mut(&number) else { return 0 };
        let pause = Self::FIRST_PAUSE.saturating_mul(1 << (*failures).min(16)).min(Self::LONGEST_PAUSE);
        self.resting.insert((now.after(pause), number), record);
        *failures = failures.saturating_add(1);
        *failures
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
        self.told = self.told.map(|told| told.before(step));
        self.oldest.iter_mut().for_each(|(since, _)| *since = since.before(step));
    }

    /// When the next pause is over, or something is to be told.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let pause = self.resting.first_key_value().map(|((at, _), _)| *at);
        pause.into_iter().chain(self.tell_at()).min()
    }

    /// What takes too long, if it is time to say so.
    pub(crate) fn slow(&mut self, now: Timestamp) -> Option<Slow> {
        self.tell_at().filter(|at| *at <= now)?;
        self.told = Some(now);
        Some(Slow { age: now.since(self.oldest.front()?.0), count: self.writing.len() })
    }

    fn tell_at(&self) -> Option<Timestamp> {
        let slow = self.oldest.front()?.0.after(Self::SLOW);
        Some(self.told.map_or(slow, |told| slow.max(told.after(Self::TELL_AGAIN))))
    }

    /// Whether everything is acknowledged.
    pub(crate) fn is_idle(&self) -> bool {
        self.writing.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{OwnedBody, TopicName, Wanted};

    fn record() -> Outgoing {
        let topic = TopicName::new("t-dlt").unwrap();
        Outgoing { topic, partition: Wanted::Any, body: OwnedBody::default().pack().unwrap(), timestamp: None }
    }

    #[test]
    fn pauses_double_up_to_a_limit_and_it_is_never_given_up() {
        let mut publishing = Publishing::default();
        let mut now = Timestamp::from_millis(0);
        publishing.started(7, now);
        let mut pauses = Vec::new();
        for tries in 1..40 {
            assert_eq!(publishing.failed(7, record(), now), tries);
            let at = publishing.resting.first_key_value().unwrap().0.0;
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

    #[test]
    fn a_write_that_nobody_answers_is_told_of_and_told_again() {
        let mut publishing = Publishing::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        publishing.started(1, at(0));
        publishing.started(2, at(5));
        assert_eq!(publishing.slow(at(9)), None);
        assert_eq!(publishing.next(), Some(at(10)));
        assert_eq!(publishing.slow(at(10)), Some(Slow { age: Duration::from_secs(10), count: 2 }));
        assert_eq!(publishing.slow(at(69)), None);
        assert_eq!(publishing.slow(at(70)), Some(Slow { age: Duration::from_secs(70), count: 2 }));
        assert!(publishing.acknowledged(1) && publishing.acknowledged(2));
        assert_eq!((publishing.slow(at(500)), publishing.next()), (None, None));
    }
}
