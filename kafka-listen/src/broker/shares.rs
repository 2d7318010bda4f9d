//! How the queue of a producer is shared out among destinations: none of them may fill it.
//!
//! A destination may hold a thirty-second of what is free. So one that stands still (no leader, too few replicas in sync)
//! gets little, the next one less, and it takes hundreds of them before there is no place for one that moves. One that
//! moves needs no more: 3000 records under way for one partition are what it acknowledges within milliseconds.
//!
//! The first record for a destination goes alone. A broker that knows nothing of a producer in a partition takes whichever
//! batch comes first. If the first one finds a partition that is not ready (a topic just made, a leader that just moved) and
//! the second is taken, then the first cannot be written any more, and librdkafka takes it for acknowledged with the second. Where
//! a key chooses the partition nobody knows in time which is new: there the first is written again, behind the second.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::record::{Outgoing, TopicName, Wanted};

/// What a queue takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// Records.
    pub records: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// The places of one queue that are taken.
#[derive(Debug, Default)]
pub struct Shares {
    all: Arc<Load>,
    /// By partition first: numbers are compared faster than names.
    of: BTreeMap<(Wanted, TopicName), Arc<Load>>,
}

/// Unanswered records.
#[derive(Debug, Default)]
struct Load {
    records: AtomicUsize,
    bytes: AtomicUsize,
    /// Whether a record was acknowledged there: only then the next ones go before the last is answered.
    known: AtomicBool,
}

/// A place in the queue, taken until it is dropped: when the record is answered.
#[derive(Debug)]
pub struct Place {
    loads: [Arc<Load>; 2],
    bytes: usize,
}

impl Shares {
    /// The part of what is free that one destination may hold.
    const PART: usize = 32;
    /// The records that it may hold in any case, as long as there is a place.
    const LEAST: usize = 16;

    /// A place for a record of so many bytes, if its destination may have one more.
    pub fn place(&mut self, record: &Outgoing, bytes: usize, capacity: Capacity) -> Option<Place> {
        let of = self.of.entry((record.partition, record.topic.clone())).or_default();
        let free = |capacity: usize, taken: &AtomicUsize| capacity.saturating_sub(taken.load(Ordering::Acquire));
        let free_records = free(capacity.records, &self.all.records);
        let free_bytes = free(capacity.bytes, &self.all.bytes);
        let is_fair = free_records > 0
            && of.records.load(Ordering::Acquire) < (free_records / Self::PART).max(Self::LEAST)
            && of.bytes.load(Ordering::Acquire) <= free_bytes / Self::PART;
        let may_follow = of.known.load(Ordering::Acquire) || of.records.load(Ordering::Acquire) == 0;
        (is_fair && may_follow).then(|| Place::take([self.all.clone(), of.clone()], bytes))
    }

    /// Another producer begins: nobody knows it anywhere.
    pub fn begin_anew(&mut self) {
        self.of.values().for_each(|of| of.known.store(false, Ordering::Release));
    }
}

impl Place {
    fn take(loads: [Arc<Load>; 2], bytes: usize) -> Self {
        for load in &loads {
            load.records.fetch_add(1, Ordering::AcqRel);
            load.bytes.fetch_add(bytes, Ordering::AcqRel);
        }
        Self { loads, bytes }
    }

    /// Its record was acknowledged, or there is no such topic any more.
    pub fn is_known(&self, known: bool) {
        self.loads[1].known.store(known, Ordering::Release);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        for load in &self.loads {
            load.records.fetch_sub(1, Ordering::AcqRel);
            load.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::OwnedBody;

    const CAPACITY: Capacity = Capacity { records: 100_000, bytes: 1 << 30 };

    /// Fills what a destination may have.
    fn fill(shares: &mut Shares, partition: i32, bytes: usize, capacity: Capacity) -> Vec<Place> {
        let (topic, partition) = (TopicName::new("t").unwrap(), Wanted::IfThere(partition));
        let record = Outgoing { topic, partition, body: OwnedBody::default().pack().unwrap(), timestamp: None };
        let place = || shares.place(&record, bytes, capacity).inspect(|place| place.is_known(true));
        std::iter::from_fn(place).collect()
    }

    #[test]
    fn the_first_record_for_a_destination_is_alone_until_it_is_acknowledged() {
        let mut shares = Shares::default();
        let to = |partition| {
            let (topic, partition) = (TopicName::new("t").unwrap(), Wanted::IfThere(partition));
            Outgoing { topic, partition, body: OwnedBody::default().pack().unwrap(), timestamp: None }
        };
        let first = shares.place(&to(0), 1, CAPACITY).unwrap();
        assert!(shares.place(&to(0), 1, CAPACITY).is_none(), "it is under way");
        assert!(shares.place(&to(1), 1, CAPACITY).is_some(), "another destination does not wait for it");
        drop(first);
        let second = shares.place(&to(0), 1, CAPACITY).unwrap();
        assert!(shares.place(&to(0), 1, CAPACITY).is_none(), "the first one failed");
        second.is_known(true);
        let third = shares.place(&to(0), 1, CAPACITY).unwrap();
        shares.begin_anew();
        assert!(shares.place(&to(0), 1, CAPACITY).is_none(), "nobody knows the new producer");
        drop((second, third));
        assert!(shares.place(&to(0), 1, CAPACITY).is_some());
    }

    #[test]
    fn a_hundred_destinations_that_stand_still_leave_room_for_one_that_moves() {
        let mut shares = Shares::default();
        let held: Vec<_> = (0..100).map(|partition| fill(&mut shares, partition, 100, CAPACITY)).collect();
        assert_eq!(held[0].len(), 3030);
        assert!(fill(&mut shares, 100, 100, CAPACITY).len() >= 100);
        drop(held);
        assert_eq!(fill(&mut shares, 0, 100, CAPACITY).len(), 3030, "what was answered counts no more");
    }

    #[test]
    fn large_records_are_counted_by_their_bytes_and_one_may_always_go() {
        let mut shares = Shares::default();
        assert_eq!(fill(&mut shares, 0, 16 << 20, CAPACITY).len(), 2);
        assert_eq!(fill(&mut shares, 1, 512 << 20, CAPACITY).len(), 1);
    }

    #[test]
    fn no_more_than_there_is_place_for() {
        let mut shares = Shares::default();
        assert_eq!(fill(&mut shares, 0, 1, Capacity { records: 2, ..CAPACITY }).len(), 2);
    }
}
