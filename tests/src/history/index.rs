//! A history, looked up: by record, by copy, by partition.

use std::collections::BTreeMap;

use super::{Commit, Delivery, Ending, History, Partition, Place, Stored};

/// The history, by what is asked for.
pub(super) struct Index<'h> {
    /// By their begin.
    pub(super) deliveries: BTreeMap<&'h Place, Vec<&'h Delivery>>,
    /// Copies of a record of the source, by the number of their next delivery.
    pub(super) copies: BTreeMap<(&'h Place, u32), Vec<&'h Stored>>,
    /// In their order.
    pub(super) commits: BTreeMap<Partition, Vec<&'h Commit>>,
}

impl<'h> Index<'h> {
    pub(super) fn new(history: &'h History) -> Self {
        let mut index = Self { deliveries: BTreeMap::new(), copies: BTreeMap::new(), commits: BTreeMap::new() };
        for delivery in &history.deliveries {
            index.deliveries.entry(&delivery.told.place).or_default().push(delivery);
        }
        for stored in history.records.values() {
            if let (Some(original), Some(attempt)) = (&stored.original, stored.attempt) {
                index.copies.entry((original, attempt)).or_default().push(stored);
            }
        }
        for commit in &history.commits {
            index.commits.entry(commit.next.partition()).or_default().push(commit);
        }
        index
    }

    /// The deliveries of a record.
    pub(super) fn of(&self, place: &Place) -> &[&'h Delivery] {
        self.deliveries.get(place).map_or(&[], Vec::as_slice)
    }

    /// When this record had ended, in milliseconds: handled, or failed and then its copy written.
    pub(super) fn ended(&self, place: &Place, stored: &Stored) -> Option<i64> {
        let attempt = stored.attempt.filter(|_| stored.original.is_some()).unwrap_or(1);
        let original = stored.original.as_ref().unwrap_or(place);
        let copies = self.copies.get(&(original, attempt + 1)).map_or(&[][..], Vec::as_slice);
        let ends = self.of(place).iter().filter_map(|delivery| {
            let (at, ending) = delivery.end?;
            let at = (at / 1000) as i64;
            match ending {
                // One that lay there before is of another delivery.
                Ending::Failed => copies.iter().map(|copy| copy.time).filter(|time| *time >= at).min(),
                Ending::Handled | Ending::Dead => Some(at),
            }
        });
        ends.min()
    }
}
