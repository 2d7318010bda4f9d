//! A member of a group as the runtime would drive it: told of things by events alone, never looking on suspicion.
//!
//! It holds the port to its promises on the way: no event about an assignment that is not there, no record out of
//! order, none before the start, none after the release.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use kafka_listen::__internals::broker::{Consumer, ConsumerError, ConsumerEvent, Room, Taken};
use kafka_listen::__internals::record::{Assigned, AssignmentId, Record, TopicPartition};

/// What a commit was about, and why it failed, if it did.
pub type CommitAnswer = (Vec<(AssignmentId, i64)>, Option<String>);

/// A consumer and what was seen of it.
pub struct Member {
    pub consumer: Box<dyn Consumer>,
    /// How many records it takes at all.
    pub most: usize,
    /// A partition of which it takes nothing.
    pub leaves: Option<TopicPartition>,
    /// Whether it lets go of what is revoked at once.
    pub releasing: bool,
    pub room: Room,
    /// Whether it was told what it got, be that nothing.
    pub informed: bool,
    pub assigned: BTreeMap<AssignmentId, Assigned>,
    /// All that ever was.
    pub ever_assigned: Vec<Assigned>,
    /// Revoked and not released.
    pub revoked: BTreeSet<AssignmentId>,
    /// All that ever was, with whether it was lost.
    pub ever_revoked: Vec<(AssignmentId, bool)>,
    pub readable: BTreeSet<AssignmentId>,
    pub records: Vec<(TopicPartition, Record)>,
    pub gone: Vec<(AssignmentId, i64, i64)>,
    pub answers: Vec<CommitAnswer>,
    pub failures: Vec<ConsumerError>,
    pub closed: bool,
    next: BTreeMap<AssignmentId, i64>,
}

impl Member {
    pub fn new(consumer: Box<dyn Consumer>) -> Self {
        Self {
            consumer,
            most: usize::MAX,
            leaves: None,
            releasing: true,
            room: Room { records: 100, bytes: 1 << 20 },
            informed: false,
            assigned: BTreeMap::new(),
            ever_assigned: Vec::new(),
            revoked: BTreeSet::new(),
            ever_revoked: Vec::new(),
            readable: BTreeSet::new(),
            records: Vec::new(),
            gone: Vec::new(),
            answers: Vec::new(),
            failures: Vec::new(),
            closed: false,
            next: BTreeMap::new(),
        }
    }

    /// Polls once and does what is to be done about it.
    pub fn step(&mut self) {
        let mut events = Vec::new();
        self.consumer.poll(&mut events);
        events.into_iter().for_each(|event| self.hear(event));
        self.readable.retain(|id| self.assigned.contains_key(id));
        for id in self.readable.clone() {
            while self.wants(id) && self.readable.contains(&id) {
                if self.take(id) == Taken::Drained {
                    self.readable.remove(&id);
                }
            }
        }
    }

    fn wants(&self, id: AssignmentId) -> bool {
        let partition = self.assigned.get(&id).map(|assigned| &assigned.partition);
        self.records.len() < self.most && partition != self.leaves.as_ref()
    }

    /// Takes once.
    pub fn take(&mut self, id: AssignmentId) -> Taken {
        let mut records = Vec::new();
        let taken = self.consumer.take(id, self.room, &mut records);
        assert!(records.len() <= self.room.records.max(1), "more records than there is room");
        let assigned = self.assigned.get(&id);
        assert!(assigned.is_some() || records.is_empty(), "{id} is not assigned and yields records");
        for record in records {
            let assigned = assigned.expect("there is none without");
            let next = self.next.entry(id).or_insert(assigned.start);
            assert!(record.offset >= *next, "{}: offset {} after {next}", assigned.partition, record.offset);
            *next = record.offset + 1;
            self.records.push((assigned.partition.clone(), record));
        }
        taken
    }

    pub fn commit(&mut self, of: &TopicPartition, offset: i64) {
        let id = self.id(of);
        self.consumer.commit(&[(id, offset)]);
    }

    /// Lets go of everything that was revoked.
    pub fn release(&mut self) {
        let ids: Vec<AssignmentId> = std::mem::take(&mut self.revoked).into_iter().collect();
        ids.iter().for_each(|id| drop(self.assigned.remove(id)));
        self.consumer.release(&ids);
    }

    pub fn id(&self, of: &TopicPartition) -> AssignmentId {
        self.has(of).unwrap_or_else(|| panic!("{of} is not assigned"))
    }

    /// The assignment of a partition, as long as it is not released.
    pub fn has(&self, of: &TopicPartition) -> Option<AssignmentId> {
        self.assigned.values().find(|assigned| assigned.partition == *of).map(|assigned| assigned.id)
    }

    /// The partitions that it has and may keep.
    pub fn kept(&self) -> Vec<TopicPartition> {
        let kept = self.assigned.values().filter(|assigned| !self.revoked.contains(&assigned.id));
        let mut partitions: Vec<_> = kept.map(|assigned| assigned.partition.clone()).collect();
        partitions.sort();
        partitions
    }

    pub fn offsets_of(&self, of: &TopicPartition) -> Vec<i64> {
        self.records.iter().filter(|(partition, _)| partition == of).map(|(_, record)| record.offset).collect()
    }

    pub fn values(&self) -> Vec<String> {
        let text = |record: &Record| String::from_utf8_lossy(record.value().unwrap_or(b"(null)")).into_owned();
        self.records.iter().map(|(_, record)| text(record)).collect()
    }

    fn hear(&mut self, event: ConsumerEvent) {
        assert!(!self.closed, "nothing is told after Closed: {event:?}");
        match event {
            ConsumerEvent::Assigned(new) => {
                self.informed = true;
                for assigned in new {
                    assert!(self.has(&assigned.partition).is_none(), "{} is assigned twice", assigned.partition);
                    assert!(self.ever_assigned.iter().all(|other| other.id != assigned.id), "a name is used again");
                    self.ever_assigned.push(assigned.clone());
                    self.assigned.insert(assigned.id, assigned);
                }
            }
            ConsumerEvent::Revoked { ids, lost } => {
                for id in ids {
                    assert!(self.assigned.contains_key(&id), "{id} is revoked without being assigned");
                    self.ever_revoked.push((id, lost));
                    if lost {
                        self.assigned.remove(&id);
                        self.revoked.remove(&id);
                    } else {
                        assert!(self.revoked.insert(id), "{id} is revoked twice");
                    }
                }
                if self.releasing && !lost {
                    self.release();
                }
            }
            ConsumerEvent::Readable(id) => drop(self.readable.insert(id)),
            ConsumerEvent::Committed { offsets, error } => self.answers.push((offsets, error)),
            ConsumerEvent::Gone { id, from, to } => {
                assert!(self.assigned.contains_key(&id), "{id} is not assigned and tells of a gap");
                self.next.insert(id, to);
                self.gone.push((id, from, to));
            }
            ConsumerEvent::Throttled(time) => panic!("a quota that nobody has set: {time:?}"),
            ConsumerEvent::Failed(error) => self.failures.push(error),
            ConsumerEvent::Closed => {
                assert!(self.assigned.is_empty(), "closed before everything was let go of");
                self.closed = true;
            }
        }
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("assigned", &self.assigned.values().map(|assigned| &assigned.partition).collect::<Vec<_>>())
            .field("revoked", &self.revoked)
            .field("records", &self.records.len())
            .field("gone", &self.gone)
            .field("answers", &self.answers)
            .field("failures", &self.failures)
            .field("closed", &self.closed)
            .finish_non_exhaustive()
    }
}
