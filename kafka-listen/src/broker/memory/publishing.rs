//! The way of a record into a log, and of its answer back.
//!
//! A record is written at once, or held while the cluster cannot be reached; its answer comes at once, or later by a
//! fault. Either way in the order of the calls.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use super::after::{After, Answer};
use super::config::Refusal;
use super::faults::PublishFault;
use super::inspect::StoredRecord;
use super::state::State;
use super::topic::Reader;
use super::watch::Seen;
use crate::broker::Receipt;
use crate::clock::Timestamp;
use crate::record::{Body, Outgoing, PublishError, PublishErrorKind, TopicPartition, Written};

/// What is not answered yet.
pub(super) struct Publishing {
    /// How many unanswered records a producer may have.
    pub(super) queue: usize,
    held: VecDeque<(Outgoing, Receipt)>,
    late: BTreeMap<(Timestamp, u64), (Receipt, Answer)>,
    answers: u64,
}

impl Default for Publishing {
    fn default() -> Self {
        // As a real client's `queue.buffering.max.messages`.
        Self { queue: 100_000, held: VecDeque::new(), late: BTreeMap::new(), answers: 0 }
    }
}

impl Publishing {
    /// Answers what is due.
    pub(super) fn tick(&mut self, now: Timestamp, after: &mut After) {
        while let Some(first) = self.late.first_entry().filter(|first| first.key().0 <= now) {
            let (receipt, answer) = first.remove();
            after.answer(receipt, answer);
        }
    }

    pub(super) fn next_tick(&self) -> Option<Timestamp> {
        self.late.keys().next().map(|(due, _)| *due)
    }
}

impl State {
    /// Writes a record and finds its answer. Where that comes later, the receipt is kept as `later` makes it.
    pub(super) fn publish(
        &mut self,
        record: Outgoing,
        receipt: Receipt,
        fault: Option<PublishFault>,
        later: impl FnOnce(Receipt) -> Receipt,
        after: &mut After,
    ) -> Option<(Receipt, Answer)> {
        if !self.reachable {
            self.publishing.held.push_back((record, later(receipt)));
            return None;
        }
        match fault {
            None => Some((receipt, self.append(record, after))),
            Some(PublishFault::Refuse(kind)) => Some((receipt, unwritten(kind, "refused on purpose", record))),
            Some(PublishFault::LoseAnswer) => {
                let again = record.clone();
                let answer = self.append(record, after);
                let lost = answer.and_then(|_| unwritten(PublishErrorKind::Unknown, "the answer was lost", again));
                Some((receipt, lost))
            }
            Some(PublishFault::Delay(delay)) => {
                let answer = self.append(record, after);
                let due = self.now.after(delay);
                self.publishing.answers += 1;
                self.publishing.late.insert((due, self.publishing.answers), (later(receipt), answer));
                self.set_alarm();
                None
            }
        }
    }

    /// Writes what was held while the cluster could not be reached.
    pub(super) fn write_held(&mut self, after: &mut After) {
        while let Some((record, receipt)) = self.publishing.held.pop_front() {
            let answer = self.append(record, after);
            after.answer(receipt, answer);
        }
    }

    /// Writes one record and tells whoever waits for it.
    pub(super) fn append(&mut self, record: Outgoing, after: &mut After) -> Answer {
        let Some(topic) = self.topics.get_mut(&record.topic) else {
            let message = format!("there is no topic `{}`", record.topic);
            return unwritten(PublishErrorKind::NoSuchTopic, message, record);
        };
        let time = topic.config.time(record.timestamp, self.now);
        match topic.config.refuses(&record.body, time, self.now) {
            Some(Refusal::TooLarge(why)) => return unwritten(PublishErrorKind::TooLarge, why, record),
            Some(Refusal::Invalid(why)) => return unwritten(PublishErrorKind::NotWritten, why, record),
            None => {}
        }
        let number = match topic.place(record.partition, record.body.key()) {
            Ok(number) => number,
            Err(missing) => {
                let message = format!("the topic `{}` has no partition {missing}", record.topic);
                return unwritten(PublishErrorKind::NoSuchTopic, message, record);
            }
        };
        let partition = &mut topic.partitions[number as usize];
        let offset = partition.log.append(record.body, time);
        if let Some(entry) = partition.log.newest() {
            let partition = TopicPartition { topic: record.topic.clone(), partition: number };
            after.see(|| Seen::Appended { partition, record: StoredRecord::from(entry) });
        }
        let waiting = std::mem::take(&mut partition.waiting);
        self.tell(waiting, after);
        Ok(Written { partition: number, offset })
    }

    /// Tells those who reached the end of a log that it went on.
    pub(super) fn tell(&mut self, readers: Vec<Reader>, after: &mut After) {
        for reader in readers {
            let group = self.groups.get_mut(&*reader.group);
            if let Some(member) = group.and_then(|group| group.members.get_mut(&reader.member)) {
                member.readable(reader.assignment, after);
            }
        }
    }
}

impl fmt::Debug for Publishing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Publishing").field("held", &self.held.len()).field("late", &self.late.len()).finish()
    }
}

fn unwritten(kind: PublishErrorKind, message: impl Into<String>, record: Outgoing) -> Answer {
    Err(PublishError { kind, message: message.into(), record })
}
