//! One member of a group as its holder sees it: what it was told and has not polled yet, and where it reads.
//!
//! Who owns what is decided in `group`; here is what one consumer knows of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::after::After;
use crate::broker::{ClientError, ConsumerEvent, ConsumerSpec, FirstReads, OffsetReset, Wake};
use crate::clock::Timestamp;
use crate::record::{AssignmentId, TopicName, TopicPartition};

/// A consumer's place in its group.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) settings: MemberSettings,
    pub(super) standing: Standing,
    /// What the group reads for the first time, as it was when this member joined.
    pub(super) first: FirstReads,
    pub(super) assignments: BTreeMap<AssignmentId, Assignment>,
    /// Until when revoked partitions must be released.
    pub(super) release_by: Option<Timestamp>,
    /// Whether it knows what it got when it joined, be that nothing.
    pub(super) informed: bool,
    wake: Wake,
    events: Vec<ConsumerEvent>,
    late: Vec<(Timestamp, ConsumerEvent)>,
}

/// How a consumer stands with its group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It takes part.
    In,
    /// It wants to leave.
    Closing,
    /// The group gave it up; it joins anew at its next poll.
    Expelled,
    /// Its holder is gone without a word; the group knows at this time.
    Dead(Timestamp),
    /// It left.
    Out,
}

/// One stay of a partition.
#[derive(Debug)]
pub(super) struct Assignment {
    pub(super) partition: TopicPartition,
    /// The offset to be read next.
    pub(super) position: i64,
    /// Whether the partition knows that it must tell when there is more.
    pub(super) waiting: bool,
    /// Whether nothing was to be taken for a while; what is taken next comes later.
    pub(super) rests: bool,
    /// Whether it must be released.
    pub(super) revoked: bool,
}

/// What of a [`ConsumerSpec`] means something here.
#[derive(Clone, Debug)]
pub(super) struct MemberSettings {
    pub(super) topics: BTreeMap<TopicName, OffsetReset>,
    /// How long the group believes in a member that is gone.
    pub(super) session: Duration,
    /// How long it waits for a release.
    pub(super) max_poll: Duration,
}

impl MemberSettings {
    /// Reads the properties that a group goes by; the first that cannot be is the error.
    pub(super) fn new(spec: &ConsumerSpec) -> Result<Self, ClientError> {
        if spec.group.is_empty() {
            return Err(ClientError("the consumer group has no name".to_owned()));
        }
        if let Some(problem) = spec.properties.iter().find_map(|(name, value)| property_problem(name, value)) {
            return Err(ClientError(problem));
        }
        let millis = |name, default| spec.properties.get(name).and_then(|value| millis(value)).unwrap_or(default);
        Ok(Self {
            topics: spec.topics.iter().cloned().collect(),
            session: millis(SESSION, Duration::from_secs(45)),
            max_poll: millis(MAX_POLL, Duration::from_secs(300)),
        })
    }
}

/// Why this broker cannot honour a client property.
///
/// Those that tune fetching, sockets and security have no object in a broker inside the process, so that an
/// application's settings may stay as they are; one that would change how the group behaves is refused.
pub fn property_problem(name: &str, value: &str) -> Option<String> {
    let only = |only| (value != only).then(|| format!("`{name}={value}`: the in-process broker knows `{only}` only"));
    match name {
        "partition.assignment.strategy" => only("cooperative-sticky"),
        "group.protocol" => only("classic"),
        "group.instance.id" => Some(format!("`{name}`: the in-process broker has no static members")),
        SESSION | MAX_POLL if millis(value).is_none() => Some(format!("`{name}={value}`: milliseconds are expected")),
        _ => None,
    }
}

const SESSION: &str = "session.timeout.ms";
const MAX_POLL: &str = "max.poll.interval.ms";

fn millis(value: &str) -> Option<Duration> {
    value.parse().ok().map(Duration::from_millis)
}

impl Member {
    pub(super) fn new(settings: MemberSettings, wake: Wake) -> Self {
        Self {
            settings,
            standing: Standing::In,
            first: FirstReads::default(),
            assignments: BTreeMap::new(),
            release_by: None,
            informed: false,
            wake,
            events: Vec::new(),
            late: Vec::new(),
        }
    }

    pub(super) fn tell(&mut self, event: ConsumerEvent, after: &mut After) {
        self.events.push(event);
        self.wake(after);
    }

    /// Whoever joined and got nothing is told so, once: it would wait for ever to know.
    pub(super) fn inform(&mut self, after: &mut After) {
        if self.standing == Standing::In && !std::mem::replace(&mut self.informed, true) {
            self.tell(ConsumerEvent::Assigned(Vec::new()), after);
        }
    }

    /// Tells it when `due`; times must not come in between that are earlier.
    pub(super) fn tell_at(&mut self, due: Timestamp, event: ConsumerEvent, after: &mut After) {
        self.late.push((due, event));
        self.wake(after);
    }

    pub(super) fn wake(&self, after: &mut After) {
        if !matches!(self.standing, Standing::Dead(_)) {
            after.wake(&self.wake);
        }
    }

    /// Hands out what the holder has not heard yet.
    pub(super) fn poll(&mut self, events: &mut Vec<ConsumerEvent>) {
        events.append(&mut self.events);
    }

    /// Tells what is due.
    pub(super) fn tick(&mut self, now: Timestamp, after: &mut After) {
        for (_, event) in self.late.extract_if(.., |(due, _)| *due <= now) {
            self.events.push(event);
            after.wake(&self.wake);
        }
    }

    /// When it is to be told something.
    pub(super) fn next_late(&self) -> Option<Timestamp> {
        self.late.iter().map(|(due, _)| *due).min()
    }

    /// There is more to read in this assignment.
    pub(super) fn readable(&mut self, id: AssignmentId, after: &mut After) {
        if let Some(assignment) = self.assignments.get_mut(&id) {
            assignment.waiting = false;
            if !assignment.revoked {
                self.tell(ConsumerEvent::Readable(id), after);
            }
        }
    }

    /// Ends assignments without being asked: others may have the partitions already.
    pub(super) fn lose(&mut self, which: impl Fn(&TopicPartition) -> bool, after: &mut After) {
        let lost = self.assignments.iter().filter(|(_, assignment)| which(&assignment.partition));
        let ids: Vec<AssignmentId> = lost.map(|(id, _)| *id).collect();
        self.assignments.retain(|id, _| !ids.contains(id));
        self.check_release();
        if !ids.is_empty() {
            self.tell(ConsumerEvent::Revoked { ids, lost: true }, after);
        }
    }

    /// Ends the deadline of releases when nothing is left to be released.
    pub(super) fn check_release(&mut self) {
        if !self.assignments.values().any(|assignment| assignment.revoked) {
            self.release_by = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(group: &str, properties: &[(&str, &str)]) -> Result<MemberSettings, ClientError> {
        let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        MemberSettings::new(&ConsumerSpec {
            group: group.to_owned(),
            topics: vec![],
            properties,
            read_ahead: 0,
            waits: false,
            grows: false,
        })
    }

    #[test]
    fn timeouts_are_kafkas_unless_set() {
        let default = settings("g", &[("fetch.wait.max.ms", "20")]).unwrap();
        assert_eq!((default.session.as_secs(), default.max_poll.as_secs()), (45, 300));
        let set = settings("g", &[("session.timeout.ms", "6000"), ("max.poll.interval.ms", "1000")]).unwrap();
        assert_eq!((set.session.as_secs(), set.max_poll.as_secs()), (6, 1));
    }

    #[test]
    fn what_would_change_the_group_and_cannot_be_done_is_refused_by_name() {
        for (name, value) in [
            ("partition.assignment.strategy", "range"),
            ("group.protocol", "consumer"),
            ("group.instance.id", "a"),
            ("session.timeout.ms", "soon"),
        ] {
            assert!(settings("g", &[(name, value)]).unwrap_err().0.contains(name), "{name}");
        }
        assert!(settings("", &[]).is_err());
        assert!(settings("g", &[("partition.assignment.strategy", "cooperative-sticky")]).is_ok());
    }
}
