//! Drives one consumer: what happened goes into the engine, what it wants is done. No rule of its own.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::call::{Desk, Tap};
use super::handler::Handler;
use super::inbox::Inbox;
use super::publish::Publisher;
use crate::broker::{Consumer, ConsumerEvent, ProducerPort, Taken};
use crate::clock::{Clock, Timestamp};
use crate::engine::{Action, Engine, Event, ListenerIndex, Run};
use crate::extract::{Cancel, Context, Place};
use crate::observe::{self, Observers, RecordPlace};
use crate::record::{AssignmentId, TopicPartition};

/// One consumer, its engine, and everything the engine's actions need.
pub(crate) struct Driver {
    parts: DriverParts,
    desks: BTreeMap<AssignmentId, Arc<Desk>>,
    publisher: Publisher,
    tap: Tap,
    heard: Vec<ConsumerEvent>,
    received: Vec<Event>,
}

/// What a driver is made of.
pub(crate) struct DriverParts {
    /// The consumer's group.
    pub(crate) group: String,
    /// What is driven.
    pub(crate) consumer: Box<dyn Consumer>,
    /// What decides.
    pub(crate) engine: Engine,
    /// The listeners' handlers.
    pub(crate) handlers: HashMap<ListenerIndex, Arc<Handler>>,
    /// Where others put what they have to say.
    pub(crate) inbox: Arc<Inbox>,
    /// What retry and dead-letter records are written with.
    pub(crate) port: Arc<dyn ProducerPort>,
    /// What handlers may ask of the application.
    pub(crate) context: Arc<Context>,
    /// Those who are told what happens.
    pub(crate) observers: Observers,
    /// What handlers run on.
    pub(crate) runtime: Handle,
    /// The broker's clock.
    pub(crate) clock: Clock,
    /// Tells the application how the consumer is.
    pub(crate) report: Report,
    /// Stops a listener, this consumer's part of it included.
    pub(crate) stop_listener: StopListener,
}

/// Stops a listener in the whole application, as the handler of this record asks in these words.
pub(crate) type StopListener = Box<dyn Fn(ListenerIndex, RecordPlace, String) + Send>;

/// Tells the application how a consumer is.
pub(crate) type Report = Box<dyn FnMut(Status) + Send>;

/// How a consumer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It has partitions, or knows that it gets none for now.
    Ready,
    /// It is of no more use.
    Failed(String),
}

/// What a turn came to.
pub(crate) enum Turn {
    /// Sleep until woken, or until then.
    Until(Option<Timestamp>),
    /// The group was left.
    Ended,
}

impl Driver {
    pub(crate) fn new(parts: DriverParts) -> Self {
        let publisher = Publisher::new(parts.port.clone(), parts.inbox.clone());
        let tap = Tap {
            of_deliveries: parts.observers.of_deliveries(),
            all: parts.observers.clone(),
            clock: parts.clock.clone(),
        };
        Self { parts, desks: BTreeMap::new(), publisher, tap, heard: Vec::new(), received: Vec::new() }
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.parts.clock
    }

    /// Does all that can be done now; never waits.
    pub(crate) fn turn(&mut self) -> Turn {
        self.parts.inbox.swap(&mut self.received);
        let mut received = std::mem::take(&mut self.received);
        for event in received.drain(..) {
            self.parts.engine.handle(event, self.parts.clock.now());
            // What follows from one is done before the next is looked at: its memory is at hand yet, and nothing that is due
            // waits for all of them.
            if self.act_all().is_break() {
                return Turn::Ended;
            }
        }
        self.received = received;
        self.parts.consumer.poll(&mut self.heard);
        for event in std::mem::take(&mut self.heard) {
            self.hear(event);
        }
        self.parts.engine.handle(Event::Tick, self.parts.clock.now());
        if self.act_all().is_break() {
            return Turn::Ended;
        }
        self.publisher.send_waiting();
        let wakes = [
            self.parts.engine.wake_at(),
            self.parts.consumer.wake_at(),
            self.publisher.wake_at(self.parts.clock.now()),
        ];
        Turn::Until(wakes.into_iter().flatten().min())
    }

    /// Does all that the engine wants; breaks off when everything is over.
    fn act_all(&mut self) -> ControlFlow<()> {
        while let Some(action) = self.parts.engine.next_action() {
            if let Action::Stopped = action {
                return ControlFlow::Break(());
            }
            self.act(action);
        }
        ControlFlow::Continue(())
    }

    fn hear(&mut self, event: ConsumerEvent) {
        let event = match event {
            ConsumerEvent::Assigned(assigned) => {
                for assigned in &assigned {
                    self.open_desk(assigned.id, &assigned.partition);
                }
                (self.parts.report)(Status::Ready);
                Event::Assigned(assigned)
            }
            ConsumerEvent::Revoked { ids, lost } => Event::Revoked { ids, lost },
            ConsumerEvent::Readable(id) => Event::Readable(id),
            ConsumerEvent::Committed { offsets, error } => Event::Committed { offsets, error },
            ConsumerEvent::Gone { id, from, to } => return self.gone(id, from, to),
            ConsumerEvent::Throttled(time) => {
                let group = self.parts.group.clone();
                return self.parts.observers.tell(&observe::Event::Throttled { group, time });
            }
            ConsumerEvent::Failed(error) => {
                let (group, fatal, message) = (self.parts.group.clone(), error.fatal, error.message);
                if fatal {
                    (self.parts.report)(Status::Failed(format!("the consumer of group `{group}` failed: {message}")));
                }
                return self.parts.observers.tell(&observe::Event::ConsumerFailed { group, fatal, message });
            }
            ConsumerEvent::Closed => Event::Closed,
        };
        self.parts.engine.handle(event, self.parts.clock.now());
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Take { id, room } => {
                let mut records = Vec::new();
                let drained = self.parts.consumer.take(id, room, &mut records) == Taken::Drained;
                self.parts.engine.handle(Event::Fetched { id, records, drained }, self.parts.clock.now());
            }
            Action::AskPosition(id) => {
                if let Some(offset) = self.parts.consumer.position(id) {
                    self.parts.engine.handle(Event::Position { id, offset }, self.parts.clock.now());
                }
            }
            Action::Rest(id) => self.parts.consumer.rest(id),
            Action::Start { id, runs, stop_at_failure } => self.start(id, runs, stop_at_failure),
            Action::Halt(id) => self.desks.get(&id).into_iter().for_each(|desk| desk.halt()),
            Action::GoOn(id) => self.desks.get_mut(&id).into_iter().for_each(|desk| *desk = Arc::new(desk.reopened())),
            Action::Warn(id) => self.desks.get(&id).into_iter().for_each(|desk| desk.warn()),
            // Nothing starts there any more, and of a partition that is lost nothing more is heard.
            Action::Cancel(id) => self.desks.remove(&id).into_iter().for_each(|desk| desk.cancel()),
            Action::Publish { ticket, record } => self.publisher.publish(ticket, record),
            Action::Commit(offsets) => self.parts.consumer.commit(&offsets),
            Action::Release(ids) => {
                for id in &ids {
                    self.desks.remove(id).into_iter().for_each(|desk| desk.cancel());
                    self.publisher.forget(*id);
                }
                self.parts.consumer.release(&ids);
            }
            Action::Subscribe(topics) => self.parts.consumer.subscribe(&topics),
            Action::Close => self.parts.consumer.close(),
            Action::StopListener { listener, record, failure } => {
                (self.parts.stop_listener)(listener, record, failure.to_string());
            }
            Action::Tell(event) => self.parts.observers.tell(&event),
            Action::Stopped => {}
        }
    }

    fn start(&mut self, id: AssignmentId, runs: Vec<Run>, stop_at_failure: bool) {
        if let Some(desk) = self.desks.get(&id) {
            desk.clone().start(VecDeque::from(runs), stop_at_failure, &self.parts.runtime);
        }
    }

    fn open_desk(&mut self, id: AssignmentId, partition: &TopicPartition) {
        let Some(source) = self.parts.engine.source(&partition.topic) else { return };
        let Some(handler) = self.parts.handlers.get(&source.listener) else { return };
        let (partition, group, believed) = (partition.clone(), source.group.clone(), source.believed);
        let place = Place { partition, group, believed, cancel: Cancel::default() };
        let (context, inbox) = (self.parts.context.clone(), self.parts.inbox.clone());
        let desk = Desk::new(id, place, source.clone(), handler.clone(), context, inbox, self.tap.clone());
        self.desks.insert(id, Arc::new(desk));
    }

    fn gone(&self, id: AssignmentId, from: i64, to: i64) {
        let Some(desk) = self.desks.get(&id) else { return };
        let (listener, partition) = (desk.source().id.clone(), desk.place().partition.clone());
        self.parts.observers.tell(&observe::Event::Gone { listener, partition, from, to });
    }
}

/// What runs for a driver that is gone, by a panic for example, has nobody left to report to.
impl Drop for Driver {
    fn drop(&mut self) {
        self.desks.values().for_each(|desk| desk.cancel());
        if std::thread::panicking() {
            let group = &self.parts.group;
            let message = format!(
                "the consumer of group `{group}` ended by a panic in kafka-listen, which is a bug: please report it"
            );
            (self.parts.report)(Status::Failed(message));
        }
    }
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
