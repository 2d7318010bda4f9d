//! Drives one consumer: what happened goes into the engine, what it wants is done. No rule of its own.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::runtime::Handle;

use super::call::Desk;
use super::inbox::Inbox;
use super::publish::Publisher;
use crate::broker::{Consumer, ConsumerEvent, Taken};
use crate::clock::{Clock, Timestamp};
use crate::engine::{Action, Engine, Event, ListenerIndex, Run, Source};
use crate::extract::{Context, Place};
use crate::observe::{self, Observers};
use crate::record::{AssignmentId, TopicName};

use super::call::Handler;

/// One consumer, its engine, and everything the engine's actions need.
pub(crate) struct Driver {
    pub(super) group: String,
    pub(super) consumer: Box<dyn Consumer>,
    pub(super) engine: Engine,
    pub(super) sources: HashMap<TopicName, Arc<Source>>,
    pub(super) handlers: HashMap<ListenerIndex, Arc<Handler>>,
    pub(super) desks: HashMap<AssignmentId, Arc<Desk>>,
    pub(super) inbox: Arc<Inbox>,
    pub(super) publisher: Publisher,
    pub(super) context: Arc<Context>,
    pub(super) observers: Observers,
    pub(super) runtime: Handle,
    pub(super) clock: Clock,
    pub(super) report: Report,
    pub(super) heard: Vec<ConsumerEvent>,
    pub(super) received: Vec<Event>,
}

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
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Does all that can be done now; never waits.
    pub(crate) fn turn(&mut self) -> Turn {
        self.inbox.swap(&mut self.received);
        for event in std::mem::take(&mut self.received) {
            self.engine.handle(event, self.clock.now());
        }
        self.consumer.poll(&mut self.heard);
        for event in std::mem::take(&mut self.heard) {
            self.hear(event);
        }
        self.engine.handle(Event::Tick, self.clock.now());
        while let Some(action) = self.engine.next_action() {
            if let Action::Stopped = action {
                return Turn::Ended;
            }
            self.act(action);
        }
        self.publisher.send_queued();
        let wakes = [self.engine.wake_at(), self.consumer.wake_at(), self.publisher.wake_at(self.clock.now())];
        Turn::Until(wakes.into_iter().flatten().min())
    }

    fn hear(&mut self, event: ConsumerEvent) {
        let event = match event {
            ConsumerEvent::Assigned(assigned) => {
                for assigned in &assigned {
                    self.open_desk(assigned.id, &assigned.partition);
                }
                (self.report)(Status::Ready);
                Event::Assigned(assigned)
            }
            ConsumerEvent::Revoked { ids, lost } => Event::Revoked { ids, lost },
            ConsumerEvent::Readable(id) => Event::Readable(id),
            ConsumerEvent::Committed { offsets, error } => Event::Committed { offsets, error },
            ConsumerEvent::Gone { id, from, to } => return self.gone(id, from, to),
            ConsumerEvent::Failed(error) => {
                let (group, fatal, message) = (self.group.clone(), error.fatal, error.message);
                if fatal {
                    (self.report)(Status::Failed(format!("the consumer of group `{group}` failed: {message}")));
                }
                return self.observers.tell(&observe::Event::ConsumerFailed { group, fatal, message });
            }
            ConsumerEvent::Closed => Event::Closed,
        };
        self.engine.handle(event, self.clock.now());
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Take { id, room } => {
                let mut records = Vec::new();
                let drained = self.consumer.take(id, room, &mut records) == Taken::Drained;
                self.engine.handle(Event::Fetched { id, records, drained }, self.clock.now());
            }
            Action::AskPosition(id) => {
                if let Some(offset) = self.consumer.position(id) {
                    self.engine.handle(Event::Position { id, offset }, self.clock.now());
                }
            }
            Action::Start { id, runs, stop_at_failure } => self.start(id, runs, stop_at_failure),
            Action::Halt(id) => self.desks.get(&id).into_iter().for_each(|desk| desk.halt()),
            Action::Cancel(id) => self.desks.get(&id).into_iter().for_each(|desk| desk.cancel()),
            Action::Publish { ticket, record } => self.publisher.publish(ticket, record),
            Action::Commit(offsets) => self.consumer.commit(&offsets),
            Action::Release(ids) => {
                for id in &ids {
                    self.desks.remove(id).into_iter().for_each(|desk| desk.cancel());
                }
                self.consumer.release(&ids);
            }
            Action::Close => self.consumer.close(),
            Action::Tell(event) => self.observers.tell(&event),
            Action::Stopped => {}
        }
    }

    fn start(&mut self, id: AssignmentId, runs: Vec<Run>, stop_at_failure: bool) {
        if let Some(desk) = self.desks.get(&id) {
            desk.clone().start(VecDeque::from(runs), stop_at_failure, &self.runtime);
        }
    }

    fn open_desk(&mut self, id: AssignmentId, partition: &crate::record::TopicPartition) {
        let Some(source) = self.sources.get(&partition.topic) else { return };
        let Some(handler) = self.handlers.get(&source.listener) else { return };
        let place = Place { partition: partition.clone(), group: source.group.clone(), believed: source.believed };
        let desk = Desk::new(id, place, source.clone(), handler.clone(), self.context.clone(), self.inbox.clone());
        self.desks.insert(id, Arc::new(desk));
    }

    fn gone(&self, id: AssignmentId, from: i64, to: i64) {
        let Some(desk) = self.desks.get(&id) else { return };
        let (listener, partition) = (desk.source().id.clone(), desk.place().partition.clone());
        self.observers.tell(&observe::Event::Gone { listener, partition, from, to });
    }
}
