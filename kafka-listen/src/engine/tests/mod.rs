//! The engine by itself: events in, actions out, time as a number.

mod batching;
mod committing;
mod decisions;
mod ending;
mod holding;
mod in_front;
mod leaving;
mod memory;
mod moving_back;
mod order;
mod pausing;
mod reading;
mod stopping;
mod telling;
mod untrusted;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::broker::Room;
use crate::clock::Timestamp;
use crate::observe;
use crate::outcome::{Decision, Failure, FailureKind};
use crate::record::{
    Assigned, AssignmentId, HeaderBuf, Outgoing, OwnedBody, PublishError, PublishErrorKind, Record, RecordTime,
    TimestampType, TopicName, TopicPartition,
};
use crate::retry::{Backoff, Chain, EndKind, Hop, InPlace, Naming, Policy, Rules, forward};

/// An engine, and what it wants that was not yet given to it.
struct Bench {
    engine: Engine,
    now: Timestamp,
    runs: Vec<(AssignmentId, Run)>,
    publishes: Vec<(Ticket, Outgoing)>,
    takes: Vec<(AssignmentId, Room)>,
    commits: BTreeMap<AssignmentId, i64>,
    /// Whether commits are answered, at once.
    answers: bool,
    told: Vec<observe::Event>,
    others: Vec<Action>,
}

/// What the listener of a bench is like.
struct Listening {
    order: Order,
    batching: Option<Batching>,
    attempts: Option<u32>,
    /// Instead of what follows from `attempts`.
    in_place: Option<InPlace>,
    timeout: Option<Duration>,
    end: EndKind,
    limits: Limits,
}

impl Default for Listening {
    fn default() -> Self {
        Self {
            order: Order::Partition,
            batching: None,
            attempts: Some(3),
            in_place: None,
            timeout: None,
            end: EndKind::Dlt,
            limits: Limits::default(),
        }
    }
}

fn topic(name: &str) -> TopicName {
    TopicName::new(name).unwrap()
}

impl Bench {
    /// An engine that reads `t` and its retry topics, in group `g`: 3 attempts, 1 s and 2 s apart, unless said otherwise. The
    /// route `spam` has a dead-letter topic of its own.
    fn new(listening: Listening) -> Self {
        let Listening { order, batching, attempts, in_place, timeout, end, limits } = listening;
        let backoff = Backoff::new(Duration::from_secs(1), 2.0, None, 0.0).unwrap();
        let (policy, usual) = match attempts {
            Some(attempts) => (Policy::new(attempts, backoff).unwrap(), InPlace::NONE),
            None => (Policy::once(), InPlace::DEFAULT),
        };
        let in_place = in_place.unwrap_or(usual);
        let naming = Naming { dlt_routes: vec!["spam".to_owned()], ..Naming::default() };
        let chain = Chain::new(topic("t"), &policy, &naming, end).unwrap();
        let rules = Arc::new(Rules { timeout, ..Rules::new(chain.clone(), in_place) });
        let source = |role, name: TopicName| {
            let source = Source {
                listener: ListenerIndex(0),
                id: "l".into(),
                role,
                topic: name.clone(),
                chain: Arc::new(chain.clone()),
                group: "g".into(),
                rules: rules.clone(),
                order,
                batching: if role == Role::Retry { batching.map(Batching::of_due) } else { batching },
                believed: role != Role::Main,
            };
            (name, Arc::new(source))
        };
        let retries = chain.retry_topics().into_iter().map(|retry| source(Role::Retry, retry.topic));
        let sources: HashMap<_, _> = retries.chain([source(Role::Main, topic("t"))]).collect();
        let settings = Settings {
            limits,
            commit_interval: Duration::from_millis(100),
            revoke_drain: Duration::from_secs(2),
            trace_limit: 1024,
            seed: 7,
        };
        Self {
            engine: Engine::new(sources, settings),
            now: Timestamp::from_millis(1_000_000),
            runs: Vec::new(),
            publishes: Vec::new(),
            takes: Vec::new(),
            commits: BTreeMap::new(),
            answers: true,
            told: Vec::new(),
            others: Vec::new(),
        }
    }

    /// Gives the engine an event, and sorts what it wants.
    fn give(&mut self, event: Event) {
        self.engine.handle(event, self.now);
        while let Some(action) = self.engine.next_action() {
            match action {
                Action::Take { id, room } => self.takes.push((id, room)),
                Action::Start { id, runs, .. } => self.runs.extend(runs.into_iter().map(|run| (id, run))),
                Action::Publish { ticket, record } => self.publishes.push((ticket, record)),
                Action::Commit(offsets) => {
                    assert!(!offsets.is_empty());
                    self.commits.extend(offsets.iter().copied());
                    if self.answers {
                        self.engine.handle(Event::Committed { offsets, error: None }, self.now);
                    }
                }
                Action::Tell(event) => self.told.push(event),
                other => self.others.push(other),
            }
        }
    }

    /// Lets time pass: the engine is called when it asked for it, and not otherwise.
    fn wait(&mut self, time: Duration) {
        let end = self.now.after(time);
        self.give(Event::Tick);
        while let Some(at) = self.engine.wake_at().filter(|at| *at <= end) {
            assert!(at > self.now, "it would be called again and again");
            self.now = at;
            self.give(Event::Tick);
        }
        self.now = end;
    }

    /// Assigns a partition that begins, and was committed, at 0.
    fn assign(&mut self, id: u64, name: &str, partition: i32) -> AssignmentId {
        let (id, partition) = (AssignmentId(id), TopicPartition { topic: topic(name), partition });
        self.give(Event::Assigned(vec![Assigned { id, partition, start: 0, committed: Some(0) }]));
        id
    }

    /// Hands over records to the partition that has asked for some; nothing is left behind them.
    fn fetch(&mut self, id: AssignmentId, records: Vec<Record>) {
        let asked = self.takes.iter().position(|(asking, _)| *asking == id).expect("it has room");
        self.takes.remove(asked);
        self.give(Event::Fetched { id, records, drained: true });
    }

    /// The offsets of the records in all runs that were started, run by run.
    fn started(&self) -> Vec<Vec<i64>> {
        let offsets = |run: &Run| run.records.iter().map(|it| it.record.offset).collect();
        self.runs.iter().map(|(_, run)| offsets(run)).collect()
    }

    /// The first record of the oldest run fails; the rest of the run did not start.
    fn fail_first(&mut self, kind: FailureKind) {
        let (id, mut run) = self.runs.remove(0);
        let failing = run.records.pop_front().unwrap();
        let failed = vec![self.fails(failing, kind)];
        self.give(Event::Progress(Progress {
            id,
            run: run.id,
            done: Numbers::default(),
            failed,
            over: Some(run.records),
        }));
    }

    /// Ends the oldest run: the records at `failing` offsets fail, the others are handled.
    fn end_run(&mut self, failing: &[i64]) {
        let (id, run) = self.runs.remove(0);
        let (failed, done): (Vec<_>, Vec<_>) =
            run.records.into_iter().partition(|it| failing.contains(&it.record.offset));
        self.give(Event::Progress(Progress {
            id,
            run: run.id,
            done: done.iter().map(|it| it.number).collect(),
            failed: failed.into_iter().map(|it| self.fails(it, FailureKind::Error)).collect(),
            over: Some(VecDeque::new()),
        }));
    }

    /// Gives the newest run back: it has not started, since its lane halted.
    fn give_back(&mut self) {
        let (id, run) = self.runs.pop().expect("a run is out");
        let (done, failed, over) = (Numbers::default(), Vec::new(), Some(run.records));
        self.give(Event::Progress(Progress { id, run: run.id, done, failed, over }));
    }

    /// A delivery that failed now.
    fn fails(&self, queued: Queued, kind: FailureKind) -> FailedDelivery {
        FailedDelivery { queued, failure: Box::new(failure(kind)), at: self.now }
    }

    /// The oldest write fails so.
    fn reject(&mut self, kind: PublishErrorKind) {
        let (ticket, record) = self.publishes.remove(0);
        let error = PublishError { kind, message: "no".into(), record };
        self.give(Event::NotWritten { ticket, error: Box::new(error) });
    }

    /// Acknowledges the oldest write.
    fn acknowledge(&mut self) -> Outgoing {
        let (ticket, record) = self.publishes.remove(0);
        self.give(Event::Written { id: ticket.id, numbers: [ticket.number].into_iter().collect() });
        record
    }

    /// What was committed of a partition, all commits that are wanted included.
    fn committed(&mut self, id: AssignmentId) -> Option<i64> {
        self.wait(Duration::from_millis(200));
        self.commits.get(&id).copied()
    }
}

fn failure(kind: FailureKind) -> Failure {
    let decision = if kind == FailureKind::Rejection { Decision::DeadLetter } else { Decision::Retry };
    Failure { kind, verdict: decision.into(), ..Failure::of("boom") }
}

fn record(offset: i64) -> Record {
    keyed(offset, None, Vec::new())
}

fn keyed(offset: i64, key: Option<&'static str>, headers: Vec<HeaderBuf>) -> Record {
    let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1) };
    let body = OwnedBody {
        key: key.map(|key| Bytes::from_static(key.as_bytes())),
        value: Some(Bytes::from_static(b"v")),
        headers,
    };
    Record::new(offset, time, body)
}

/// The headers of a retry of this group that is due so many milliseconds from now.
fn due_in(millis: i64, group: &str, now: Timestamp) -> Vec<HeaderBuf> {
    let source = record(0);
    forward(&Hop {
        record: &source,
        believed: false,
        partition: &TopicPartition { topic: topic("t"), partition: 0 },
        group,
        failure: &failure(FailureKind::Error),
        attempt: 2,
        due: Timestamp::from_millis(now.as_millis() + millis),
        trace_limit: 0,
    })
    .to_owned_body()
    .headers
}

/// A record of a retry topic that was written just now and is due in so many milliseconds.
fn waiting(offset: i64, due: i64, now: Timestamp) -> Record {
    let time = RecordTime { kind: TimestampType::CreateTime, at: now };
    let body = OwnedBody {
        key: Some(Bytes::from_static(b"k")),
        value: Some(Bytes::from_static(b"v")),
        headers: due_in(due, "g", now),
    };
    Record::new(offset, time, body)
}

/// The record as it lies in the topic that an engine wrote it to.
fn stored(offset: i64, written: &Outgoing) -> Record {
    let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(1) };
    Record::new(offset, time, written.body.clone())
}
