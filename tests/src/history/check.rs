//! The judge: what is wrong with a history, in words.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
pub use super::verdict::{Expected, Verdict};
use super::{Commit, Delivery, Ending, Fault, History, Partition, Place, Stored};

/// Judges a history.
pub fn judge(history: &History, expected: &Expected) -> Verdict {
    let mut judge = Judge { index: Index::new(history), history, expected, verdict: Verdict::default() };
    judge.figures();
    judge.nothing_is_lost();
    judge.every_record_has_its_end();
    judge.nothing_is_early_and_attempts_are_told();
    judge.commits_pass_only_what_has_ended();
    judge.repeats_have_a_cause();
    judge.copies_have_a_cause();
    judge.partitions_are_handled_in_order();
    judge.no_lag_is_left();
    judge.verdict
}

struct Judge<'h> {
    history: &'h History,
    expected: &'h Expected,
    index: Index<'h>,
    verdict: Verdict,
}

impl<'h> Judge<'h> {
    fn wrong(&mut self, what: String) {
        self.verdict.wrong.push(what);
    }

    fn is_source(&self, place: &Place) -> bool {
        place.topic == self.history.source
    }

    fn is_dlt(&self, place: &Place) -> bool {
        place.topic == format!("{}-dlt", self.history.source)
    }

    fn figures(&mut self) {
        let history = self.history;
        self.verdict.records = history.records.keys().filter(|place| self.is_source(place)).count();
        self.verdict.deliveries = history.deliveries.len();
        self.verdict.copies = history.records.len() - self.verdict.records;
        self.verdict.commits = history.commits.len();
    }

    /// Every number was handled, or is dead and its DLT handler has seen it.
    fn nothing_is_lost(&mut self) {
        let ended: BTreeSet<_> = self
            .history
            .deliveries
            .iter()
            .filter(|delivery| matches!(delivery.end, Some((_, Ending::Handled | Ending::Dead))))
            .map(|delivery| delivery.told.number)
            .collect();
        let sources: Vec<_> = self.history.records.iter().filter(|(place, _)| self.is_source(place)).collect();
        for (place, stored) in sources {
            match number(stored) {
                Some(number) if ended.contains(&number) || self.expected.removed.contains(&number) => {}
                Some(number) => self.wrong(format!("lost: {number} at {place} was neither handled nor dead")),
                None => self.wrong(format!("{place} is no number")),
            }
        }
    }

    /// Record by record: handled where it lies, or failed there, and a copy lies in the next topic, unchanged.
    fn every_record_has_its_end(&mut self) {
        for (place, stored) in &self.history.records {
            let removed = number(stored).is_some_and(|number| self.expected.removed.contains(&number));
            if self.index.ended(place, stored).is_none() && !removed {
                self.wrong(format!("lost: {place} has no end, deliveries: {:?}", self.index.of(place)));
            }
            let Some(original) = stored.original.as_ref().and_then(|place| self.history.records.get(place)) else {
                if !self.is_source(place) {
                    self.wrong(format!("{place} is a copy of nothing: {:?}", stored.original));
                }
                continue;
            };
            if (&original.key, &original.value) != (&stored.key, &stored.value) {
                self.wrong(format!("{place} differs from its original"));
            }
            let (least, most) = self.expected.attempts;
            let made = stored.attempt.unwrap_or(0).saturating_sub(1);
            if self.is_dlt(place) && !(least..=most).contains(&made) {
                self.wrong(format!("{place} is dead after {made} deliveries"));
            }
        }
    }

    fn nothing_is_early_and_attempts_are_told(&mut self) {
        let mut late = Vec::new();
        for delivery in &self.history.deliveries {
            let place = &delivery.told.place;
            let Some(stored) = self.history.records.get(place) else { continue };
            if number(stored) != Some(delivery.told.number) {
                self.wrong(format!("{place} was delivered with another value: {}", delivery.told.number));
            }
            if self.is_dlt(place) {
                continue;
            }
            let attempt = if self.is_source(place) { 1 } else { stored.attempt.unwrap_or(0) };
            if delivery.told.attempt != attempt {
                self.wrong(format!("{place} is delivery {attempt}, and was told {}", delivery.told.attempt));
            }
            if let Some(due) = stored.due.filter(|_| !self.is_source(place)) {
                match delivery.begin.checked_sub(due as u64 * 1000) {
                    Some(by) => late.push(by),
                    None => self.wrong(format!("early: {place} was due at {due} ms, began at {} µs", delivery.begin)),
                }
            }
        }
        late.sort_unstable();
        self.verdict.late = (late.get(late.len() / 2).copied().unwrap_or(0), late.last().copied().unwrap_or(0));
    }

    /// Whenever a commit was made, all that it passed had ended; and no commit goes back.
    fn commits_pass_only_what_has_ended(&mut self) {
        let mut wrong = Vec::new();
        for commits in self.index.commits.values() {
            let mut before: Option<&Commit> = None;
            for commit in commits {
                let Place { topic, partition, offset: next } = &commit.next;
                let from = before.map_or(0, |before| before.next.offset);
                if *next < from {
                    wrong.push(format!("turned back: {commit:?} after {from}"));
                }
                let place = |offset| Place { topic: topic.clone(), partition: *partition, offset };
                if from < *next {
                    for (place, stored) in self.history.records.range(place(from)..place(*next)) {
                        let ended = self.index.ended(place, stored);
                        if ended.is_none_or(|at| at > commit.time) {
                            wrong.push(format!("{place} was committed at {}, and ended at {ended:?}", commit.time));
                        }
                    }
                }
                before = Some(commit);
            }
        }
        self.verdict.wrong.append(&mut wrong);
    }

    /// A record comes again only if a fault lies between its deliveries, at which it was not committed; once for each
    /// fault.
    fn repeats_have_a_cause(&mut self) {
        let mut wrong = Vec::new();
        for (place, deliveries) in &self.index.deliveries {
            let repeats = deliveries.len() - 1;
            if repeats == 0 {
                continue;
            }
            self.verdict.repeats += repeats;
            let causes: Vec<_> = self.history.faults.iter().filter(|it| self.is_cause(it, place, deliveries)).collect();
            if causes.len() < repeats {
                let uncommitted: Vec<_> =
                    self.history.faults.iter().map(|fault| (fault, self.committed(place, fault.from))).collect();
                wrong.push(format!(
                    "repeated without cause: {place}: {deliveries:?}; faults, and what was committed: {uncommitted:?}"
                ));
            }
            let age = causes.iter().map(|fault| self.overdue(place, fault.from)).min().unwrap_or(0);
            self.verdict.oldest_repeat = self.verdict.oldest_repeat.max(age);
            if age > self.expected.uncommitted {
                wrong.push(format!("{place} could have been committed for {age} µs when the fault came"));
            }
        }
        self.verdict.wrong.append(&mut wrong);
    }

    fn is_cause(&self, fault: &Fault, place: &Place, deliveries: &[&Delivery]) -> bool {
        let (first, last) = (deliveries[0], deliveries[deliveries.len() - 1]);
        let between = first.begin <= fault.to && fault.from <= last.begin;
        let concerns = fault.process.is_none_or(|process| deliveries.iter().any(|it| it.process == process));
        between && concerns && self.committed(place, fault.from) <= place.offset
    }

    /// For how long this record could have been committed at a time: all that lies before it had ended.
    fn overdue(&self, place: &Place, at: u64) -> u64 {
        let committed = Place { offset: self.committed(place, at), ..place.clone() };
        let ends = self
            .history
            .records
            .range(committed..=place.clone())
            .map(|(place, stored)| self.index.ended(place, stored));
        let last = ends.map(|end| end.map_or(u64::MAX, |end| end as u64 * 1000)).max();
        at.saturating_sub(last.unwrap_or(u64::MAX))
    }

    /// What was committed of this record's partition at a time.
    fn committed(&self, place: &Place, at: u64) -> i64 {
        let commits = self.index.commits.get(&place.partition()).into_iter().flatten();
        let before = commits.take_while(|commit| (commit.time as u64) * 1000 < at);
        before.last().map_or(0, |commit| commit.next.offset)
    }

    /// A failure has one copy; a second one only comes of a second failure.
    fn copies_have_a_cause(&mut self) {
        let mut failures: BTreeMap<(&Place, u32), usize> = BTreeMap::new();
        for delivery in &self.history.deliveries {
            if !matches!(delivery.end, Some((_, Ending::Failed))) {
                continue;
            }
            let place = &delivery.told.place;
            let original = self.history.records.get(place).and_then(|stored| stored.original.as_ref());
            *failures.entry((original.unwrap_or(place), delivery.told.attempt + 1)).or_default() += 1;
        }
        let (mut wrong, mut seconds) = (Vec::new(), 0);
        for (copied, copies) in &self.index.copies {
            let failed = failures.get(copied).copied().unwrap_or(0);
            seconds += copies.len() - 1;
            if copies.len() > failed {
                wrong.push(format!("{copied:?} failed {failed} times and has {} copies", copies.len()));
            }
        }
        self.verdict.second_copies = seconds;
        self.verdict.wrong.append(&mut wrong);
    }

    /// One at a time of each partition, or of each key; in a source topic in the order of offsets, until the partition is assigned anew.
    fn partitions_are_handled_in_order(&mut self) {
        let mut lanes: BTreeMap<(Partition, &[u8]), Vec<&Delivery>> = BTreeMap::new();
        for delivery in &self.history.deliveries {
            let place = &delivery.told.place;
            let key = self.history.records.get(place).filter(|_| self.expected.by_key);
            let key = key.and_then(|stored| stored.key.as_deref()).unwrap_or_default();
            lanes.entry((place.partition(), key)).or_default().push(delivery);
        }
        let mut wrong = Vec::new();
        for ((partition, _), deliveries) in &lanes {
            for (before, next) in deliveries.iter().zip(&deliveries[1..]) {
                let (first, second) = (&before.told.place, &next.told.place);
                let fault =
                    |it: &&Fault| it.process.is_none_or(|process| [before.process, next.process].contains(&process));
                let excused = || {
                    self.history.faults.iter().filter(fault).any(|it| it.from <= next.begin && before.begin <= it.to)
                };
                if before.end.is_some_and(|(end, _)| end > next.begin) && !excused() {
                    wrong.push(format!("at once: {first} and {second} of {partition:?}"));
                }
                let anew = |(process, of, at): &(usize, Partition, u64)| {
                    of == partition && *process == next.process && (before.begin..=next.begin).contains(at)
                };
                let same = before.process == next.process && !self.history.assigned.iter().any(anew);
                if self.is_source(first) && same && second.offset <= first.offset {
                    wrong.push(format!("out of order: {second} after {first}"));
                }
            }
        }
        self.verdict.wrong.append(&mut wrong);
    }

    fn no_lag_is_left(&mut self) {
        for ((group, topic), lag) in &self.history.lags {
            if *lag != 0 {
                self.verdict.wrong.push(format!("{group} has not committed {lag} records of {topic}"));
            }
        }
    }
}

fn number(stored: &Stored) -> Option<u64> {
    std::str::from_utf8(&stored.value).ok()?.parse().ok()
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
