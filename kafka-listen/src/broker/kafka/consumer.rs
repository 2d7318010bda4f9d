//! A member of a group: serves its events, answers its rebalances, reads its partitions.
//!
//! Everything is called by one thread. What librdkafka tells from others only sets a mark and wakes that thread.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::assignments::Assignments;
use super::commits::{Commit, Commits, refused};
use super::config::{Properties, unusable};
use super::late::Late;
use super::leaving::Stage;
use super::native::client::GroupClient;
use super::native::event::Event;
use super::native::list::Listed;
use super::native::throttle;
use super::partition::{Stay, Trouble};
use super::rebalance::Rebalances;
use super::repeats::Repeats;
use super::resting::Shut;
use super::starts::{self, Topics};
use super::wording;
use crate::broker::{
    ClientError, Consumer, ConsumerError, ConsumerEvent, ConsumerSpec, FirstReads, OffsetReset, Room, Taken, Wake,
};
use crate::clock::{Clock, Timestamp};
use crate::record::{AssignmentId, Record, TopicName, TopicPartition};
use rdkafka::error::RDKafkaErrorCode as Code;

/// Below the shortest `max.poll.interval.ms` that makes sense: who is not polled is thrown out of the group.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// A member of a group.
pub(super) struct KafkaConsumer {
    pub(super) assignments: Assignments,
    pub(super) client: Arc<GroupClient>,
    pub(super) group: String,
    pub(super) topics: Topics,
    pub(super) first: FirstReads,
    /// When to ask what must be known before joining; none once the group was joined.
    pub(super) join_at: Option<Timestamp>,
    /// The topics that librdkafka was told to read.
    pub(super) subscribed: BTreeSet<TopicName>,
    pub(super) rebalances: Rebalances,
    pub(super) late: Late,
    /// Partitions whose next offset is gone, and when to look again for where to go on.
    pub(super) stopped: HashMap<AssignmentId, Timestamp>,
    pub(super) shut: Shut,
    pub(super) stage: Stage,
    /// Whether a client that is closed leaves its group by that alone, or must not leave it at all.
    pub(super) leaves_by_closing: bool,
    pub(super) outbox: Vec<ConsumerEvent>,
    commits: Commits,
    repeats: Repeats,
    last_poll: Timestamp,
    wake: Wake,
}

impl KafkaConsumer {
    /// Joins the group; at the first poll, if what it has committed must be known before.
    pub(super) fn new(
        properties: &Properties,
        spec: ConsumerSpec,
        partitions: usize,
        wake: Wake,
    ) -> Result<Self, ClientError> {
        let properties = properties.with(&spec.properties)?;
        let config = properties.consumer(&spec, partitions);
        let is_static = properties.get("group.instance.id").is_some();
        let waker = wake.clone();
        let client = GroupClient::new(&config, move || waker.wake()).map_err(unusable)?;
        let topics: Topics = spec.topics.iter().map(|topic| (topic.0.to_string(), topic.clone())).collect();
        let asks_first = starts::latest(&topics).next().is_some();
        let mut consumer = Self {
            assignments: Assignments::new(wake.clone()),
            client: Arc::new(client),
            group: spec.group,
            topics,
            first: FirstReads::default(),
            join_at: asks_first.then(now),
            subscribed: BTreeSet::new(),
            rebalances: Rebalances::default(),
            late: Late::default(),
            stopped: HashMap::new(),
            shut: Shut::default(),
            stage: Stage::Open,
            leaves_by_closing: is_static || properties.get("group.protocol") == Some("consumer"),
            outbox: Vec::new(),
            commits: Commits::default(),
            repeats: Repeats::default(),
            last_poll: now(),
            wake,
        };
        if consumer.topics.is_empty() {
            consumer.outbox.push(ConsumerEvent::Assigned(Vec::new()));
            consumer.wake.wake();
        } else if !asks_first {
            consumer.read_topics().map_err(ClientError)?;
        }
        Ok(consumer)
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Assign(listed) => self.on_assign(self.places(&listed)),
            Event::Revoke(listed) => self.on_revoke(self.places(&listed)),
            Event::Committed { number, offsets, error } => {
                self.outbox.extend(self.commits.answered(number, &offsets, error));
            }
            Event::Failed { code, fatal, reason, about } => {
                if fatal || self.client.fatal().is_some() {
                    self.break_down();
                } else {
                    let place = about.and_then(|listed| self.places(&[listed]).pop());
                    self.fail(code, &reason, place);
                }
            }
            Event::Stray(listed) => {
                tracing::warn!(topic = listed.topic, partition = listed.partition, "a record outside its queue");
                if let Some(held) = self.assignments.owned(&listed.topic, listed.partition)
                    && let Err(error) = self.client.seek(&held.place, held.next())
                {
                    tracing::warn!(partition = %held.place, error, "it cannot be read again");
                }
            }
            Event::Other => {}
        }
    }

    fn places(&self, listed: &[Listed]) -> Vec<TopicPartition> {
        let place = |listed: &Listed| {
            // One that is not wanted any more is still to be let go of.
            let known = self.topics.get(&listed.topic).map(|(topic, _)| topic.clone());
            let topic = known.or_else(|| TopicName::new(listed.topic.as_str()).ok())?;
            Some(TopicPartition { topic, partition: listed.partition })
        };
        listed.iter().filter_map(place).collect()
    }

    /// Tells an error, unless it was told a short while ago.
    pub(super) fn fail(&mut self, code: Code, reason: &str, partition: Option<TopicPartition>) {
        let Some(message) = wording::of_consumer(code, reason, &self.group) else {
            tracing::debug!(target: super::logging::TARGET, %code, reason, "trouble that passes by itself");
            return;
        };
        if self.repeats.is_news(code, partition.as_ref(), now()) {
            let fatal = wording::is_fatal_for_consumer(code);
            self.outbox.push(ConsumerEvent::Failed(ConsumerError { fatal, partition, message }));
        }
    }

    /// librdkafka has given up: it holds nothing any more.
    fn break_down(&mut self) {
        let ids = self.assignments.move_on(None, Stay::Released);
        if !ids.is_empty() {
            self.outbox.push(ConsumerEvent::Revoked { ids, lost: true });
        }
        let (code, reason) = self.client.fatal().unwrap_or((Code::Fatal, String::new()));
        let message = wording::of_consumer(code, &reason, &self.group).unwrap_or(reason);
        if self.repeats.is_news(Code::Fatal, None, now()) {
            self.outbox.push(ConsumerEvent::Failed(ConsumerError { fatal: true, partition: None, message }));
        }
        self.unassign_all();
        self.rebalances = Rebalances::default();
        match self.stage {
            Stage::Open => self.stage = Stage::Broken,
            _ => self.closed(),
        }
    }
}

impl Consumer for KafkaConsumer {
    fn poll(&mut self, events: &mut Vec<ConsumerEvent>) {
        self.last_poll = now();
        // A poll comes back empty-handed for what it served by itself, so the queue's length is what counts.
        loop {
            match self.client.poll(Duration::ZERO) {
                Some(event) => self.happened(event),
                None if self.client.has_events() => {}
                None => break,
            }
        }
        if let Some(time) = throttle::take()
            && self.repeats.is_news(Code::ThrottlingQuotaExceeded, None, now())
        {
            self.outbox.push(ConsumerEvent::Throttled(time));
        }
        self.join();
        self.follow_topics();
        self.answer();
        self.repair();
        self.begin_late();
        self.rest_and_wake();
        self.go_on_leaving();
        events.append(&mut self.outbox);
        for id in self.assignments.take_readable() {
            self.shut.readable(id, self.last_poll);
            events.push(ConsumerEvent::Readable(id));
        }
    }

    fn wake_at(&self) -> Option<Timestamp> {
        if self.stage == Stage::Closed {
            return None;
        }
        let joining = self.join_at.filter(|_| self.stage == Stage::Open);
        let repair = self.stopped.values().copied().chain(self.late.look_at()).filter(|_| self.may_repair());
        let soonest =
            repair.chain(self.rebalances.wake_at()).chain(self.next_step()).chain(joining).chain(self.rest_at());
        soonest.chain([self.last_poll.after(KEEP_ALIVE)]).min()
    }

    fn take(&mut self, id: AssignmentId, room: Room, records: &mut Vec<Record>) -> Taken {
        let Some(partition) = self.assignments.get_mut(id).filter(|partition| partition.stay == Stay::Owned) else {
            return Taken::Drained;
        };
        if partition.rests() {
            self.shut.wanted(id);
            self.wake.wake();
            return Taken::Drained;
        }
        let mut troubles = Vec::new();
        let taken = partition.take(&self.client, room, records, &mut troubles);
        let place = (!troubles.is_empty()).then(|| partition.place.clone());
        for trouble in troubles {
            match trouble {
                Trouble::OffsetGone => drop(self.stopped.insert(id, now())),
                Trouble::Fetch(code, reason) => self.fail(code, &reason, place.clone()),
            }
            self.wake.wake();
        }
        self.shut.taken(id, taken, self.last_poll);
        taken
    }

    fn rest(&mut self, id: AssignmentId) {
        self.shut.soon(id);
        self.wake.wake();
    }

    fn position(&mut self, id: AssignmentId) -> Option<i64> {
        Some(self.assignments.get(id)?.position(&self.client))
    }

    fn commit(&mut self, offsets: &[(AssignmentId, i64)]) {
        let (mut commits, mut gone) = (Vec::new(), Vec::new());
        for &(id, offset) in offsets {
            // librdkafka would commit for a partition that somebody else has by now, and turn that member back.
            match self.assignments.get(id) {
                Some(held) => commits.push(Commit { id, place: held.place.clone(), offset }),
                None => gone.push((id, offset)),
            }
        }
        if !gone.is_empty() {
            self.outbox.push(refused(gone, "the partition is not assigned any more".to_owned()));
            self.wake.wake();
        }
        if commits.is_empty() {
            return;
        }
        let number = self.commits.next_number();
        match self.client.commit(commits.iter().map(|commit| (&commit.place, commit.offset)), number) {
            Ok(()) => self.commits.sent(number, commits),
            Err(code) => {
                let offsets = commits.iter().map(|commit| (commit.id, commit.offset)).collect();
                self.outbox.push(refused(offsets, code.to_string()));
                self.wake.wake();
            }
        }
    }

    fn release(&mut self, ids: &[AssignmentId]) {
        ids.iter().for_each(|&id| self.assignments.release(id));
        self.wake.wake();
    }

    fn subscribe(&mut self, topics: &[(TopicName, OffsetReset)]) {
        self.topics = topics.iter().map(|topic| (topic.0.to_string(), topic.clone())).collect();
        self.wake.wake();
    }

    fn close(&mut self) {
        self.begin_to_leave();
        self.wake.wake();
    }
}

/// The consumer's own timers run by the clock that due times are compared with.
pub(super) fn now() -> Timestamp {
    Clock::System.now()
}

#[cfg(test)]
#[path = "consumer_tests.rs"]
mod tests;
