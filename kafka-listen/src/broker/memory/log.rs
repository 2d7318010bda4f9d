//! The log of one partition: records in, records out from an offset on.
//!
//! Offsets only grow; they may have gaps, as compaction and the markers of transactions leave them. Knows no topic, no
//! reader and no clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::broker::{Room, Taken};
use crate::record::{Body, Packed, Record, RecordTime};
use crate::sabotage::{Rule, broken};

/// One partition's records.
#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Entry>,
    low: i64,
    high: i64,
}

/// A record in the log. Readers share its body.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) offset: i64,
    pub(super) time: RecordTime,
    pub(super) body: Arc<Packed>,
    /// Its transaction was aborted: it is there, and nobody may read it.
    aborted: bool,
}

impl Log {
    /// The first offset that may be read.
    pub(super) fn low(&self) -> i64 {
        self.low
    }

    /// The offset that the next record gets.
    pub(super) fn high(&self) -> i64 {
        self.high
    }

    /// Everything that may be read.
    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_readable())
    }

    /// The record that was appended last.
    pub(super) fn newest(&self) -> Option<&Entry> {
        self.entries.back()
    }

    /// Whether reading can begin or go on at `offset`.
    pub(super) fn has(&self, offset: i64) -> bool {
        (self.low..=self.high).contains(&offset)
    }

    pub(super) fn append(&mut self, body: Packed, time: RecordTime) -> i64 {
        let offset = self.high;
        self.entries.push_back(Entry { offset, time, body: Arc::new(body), aborted: false });
        self.high += 1;
        offset
    }

    /// Takes back the record that was appended last: its transaction is aborted.
    pub(super) fn abort_newest(&mut self) {
        if let Some(entry) = self.entries.back_mut() {
            entry.aborted = true;
        }
    }

    /// Uses up offsets without a record, as the markers of a transaction do.
    pub(super) fn skip(&mut self, offsets: i64) {
        self.high += offsets.max(0);
    }

    /// Removes what lies below `offset`.
    pub(super) fn delete_before(&mut self, offset: i64) {
        self.low = offset.clamp(self.low, self.high);
        let gone = self.index_of(self.low);
        self.entries.drain(..gone);
    }

    /// Removes single records, as compaction does; the range of offsets stays.
    pub(super) fn remove(&mut self, offsets: &BTreeSet<i64>) {
        self.entries.retain(|entry| !offsets.contains(&entry.offset));
    }

    /// Removes every record behind which there is another one of its key.
    pub(super) fn compact(&mut self) {
        let last: BTreeMap<&[u8], i64> =
            self.entries().filter_map(|entry| Some((entry.body.key()?, entry.offset))).collect();
        let passed = |entry: &&Entry| entry.body.key().is_some_and(|key| last[key] > entry.offset);
        let passed: BTreeSet<i64> = self.entries().filter(passed).map(|entry| entry.offset).collect();
        self.remove(&passed);
    }

    /// The offset of the first record at or behind `position`, or the end of the log if none is there.
    pub(super) fn over_gap(&self, position: i64) -> i64 {
        let mut behind = self.entries.range(self.index_of(position)..).filter(|entry| entry.is_readable());
        behind.next().map_or(self.high, |entry| entry.offset)
    }

    /// Moves records from `position` on into `records`, and tells where to go on.
    pub(super) fn read(&self, position: i64, room: Room, records: &mut Vec<Record>) -> (i64, Taken) {
        let mut bytes = 0;
        let mut next = position;
        let behind = self.entries.range(self.index_of(position)..).filter(|entry| entry.is_readable());
        for (count, entry) in behind.enumerate() {
            let record = Record::of(entry.body.clone(), 0, entry.offset, entry.time);
            bytes += record.size();
            // The first one always goes: a record larger than the room would wait for ever.
            if count > 0 && (count >= room.records || bytes > room.bytes) {
                return (next, Taken::More);
            }
            next = entry.offset + 1;
            records.push(record);
        }
        (self.high, Taken::Drained)
    }

    fn index_of(&self, offset: i64) -> usize {
        self.entries.partition_point(|entry| entry.offset < offset)
    }
}

impl Entry {
    fn is_readable(&self) -> bool {
        !self.aborted || broken(Rule::Aborted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::record::{OwnedBody, TimestampType};

    const ALL: Room = Room { records: usize::MAX, bytes: usize::MAX };

    fn log_of(values: &[&'static str]) -> Log {
        let mut log = Log::default();
        let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(0) };
        for value in values {
            let body = OwnedBody { value: Some(value.as_bytes().into()), ..OwnedBody::default() };
            log.append(body.pack().unwrap(), time);
        }
        log
    }

    fn read(log: &Log, position: i64, room: Room) -> (Vec<i64>, i64, Taken) {
        let mut records = Vec::new();
        let (next, taken) = log.read(position, room, &mut records);
        (records.iter().map(|record| record.offset).collect(), next, taken)
    }

    #[test]
    fn reads_in_order_up_to_the_room_and_at_least_one() {
        let log = log_of(&["four", "four", "four"]);
        assert_eq!(read(&log, 0, ALL), (vec![0, 1, 2], 3, Taken::Drained));
        assert_eq!(read(&log, 0, Room { records: 2, ..ALL }), (vec![0, 1], 2, Taken::More));
        assert_eq!(read(&log, 0, Room { bytes: 8, ..ALL }), (vec![0, 1], 2, Taken::More));
        assert_eq!(read(&log, 1, Room { records: 1, bytes: 1 }), (vec![1], 2, Taken::More));
        assert_eq!(read(&log, 2, Room { records: 0, bytes: 0 }), (vec![2], 3, Taken::Drained));
        assert_eq!(read(&log, 3, ALL), (vec![], 3, Taken::Drained));
    }

    #[test]
    fn gaps_are_stepped_over_and_a_trailing_one_moves_the_position() {
        let mut log = log_of(&["a", "b", "c", "d"]);
        log.remove(&[1, 3].into());
        assert_eq!(read(&log, 0, Room { records: 1, ..ALL }), (vec![0], 1, Taken::More));
        assert_eq!(log.over_gap(1), 2);
        assert_eq!(read(&log, 1, ALL), (vec![2], 4, Taken::Drained));
        log.skip(2);
        assert_eq!(read(&log, 4, ALL), (vec![], 6, Taken::Drained));
    }

    #[test]
    fn what_is_deleted_is_out_of_range() {
        let mut log = log_of(&["a", "b", "c"]);
        log.delete_before(2);
        assert_eq!((log.low(), log.high(), log.entries().count()), (2, 3, 1));
        assert_eq!([1, 2, 3, 4].map(|offset| log.has(offset)), [false, true, true, false]);
        log.delete_before(1);
        log.delete_before(9);
        assert_eq!((log.low(), log.high()), (3, 3), "never back, never beyond the end");
    }

    #[test]
    fn a_body_is_shared_not_copied() {
        let log = log_of(&["bytes"]);
        let stored = log.entries[0].body.value().map(<[u8]>::as_ptr);
        let mut records = Vec::new();
        log.read(0, ALL, &mut records);
        assert_eq!(records[0].value().map(<[u8]>::as_ptr), stored);
    }
}
