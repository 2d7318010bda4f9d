//! Starts consumers: what they have in common, and what each has of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;

use super::Error;
use super::current::CurrentPlan;
use super::pauses::Pauses;
use crate::broker::{Broker, ConsumerSpec, ProducerPort};
use crate::engine::{Engine, Event, Limits, ListenerIndex, Role, Settings};
use crate::extract::Context;
use crate::listener::{Plan, PlannedConsumer, PlannedDltHandler};
use crate::observe::Observers;
use crate::runtime::{Driver, DriverParts, Ended, Handler, Inbox, Seat, Status};

/// The bytes that one consumer's client may read ahead.
const READ_AHEAD: usize = 64 << 20;

/// Names a static member.
pub(super) const INSTANCE: &str = "group.instance.id";

/// Tells the application how a consumer is, by its number.
pub(super) type Statuses = UnboundedSender<(usize, Status)>;

/// The way to a consumer's driver.
pub(super) struct RunningConsumer {
    pub(super) inbox: Arc<Inbox>,
    pub(super) ended: Ended,
    pub(super) ready: bool,
}

impl RunningConsumer {
    /// Leaves its group when its handlers have ended, or when the time is over.
    pub(super) fn stop(&self, within: Duration) {
        self.inbox.put(Event::Stop { within });
    }
}

/// Starts consumers that have everything but their topics and properties in common.
pub(super) struct Starter {
    pub(super) broker: Arc<dyn Broker>,
    pub(super) runtime: Runtime,
    pub(super) plan: CurrentPlan,
    pub(super) context: Arc<Context>,
    pub(super) observers: Observers,
    pub(super) properties: BTreeMap<String, String>,
    /// The process's name as a static member.
    pub(super) instance: Option<String>,
    pub(super) port: Arc<dyn ProducerPort>,
    pub(super) pauses: Arc<Pauses>,
    pub(super) handlers: Handlers,
    pub(super) dlt_handlers: Handlers,
    pub(super) jitter_seed: Option<u64>,
    pub(super) limits: Option<Limits>,
}

/// Handlers by their listeners.
pub(super) type Handlers = HashMap<ListenerIndex, Arc<Handler>>;

impl Starter {
    pub(super) fn start(
        &self,
        index: usize,
        planned: PlannedConsumer,
        statuses: Statuses,
    ) -> Result<RunningConsumer, Error> {
        let (since, planned) = self.plan.as_it_is(planned);
        let key = planned.key();
        let seat = Seat::new(self.broker.host());
        let wake = seat.wake();
        let spec = ConsumerSpec {
            group: planned.group.clone(),
            topics: planned.topics.iter().map(|(source, reset)| (source.topic.clone(), *reset)).collect(),
            properties: self.properties_of(&planned),
            read_ahead: READ_AHEAD,
            waits: planned.role == Role::Retry,
            grows: planned.grows,
        };
        let consumer = self.broker.consumer(spec, wake.clone())?;
        let inbox = Arc::new(Inbox::new(wake));
        self.pauses.tell_also(inbox.clone());
        let pauses = self.pauses.clone();
        let sources = planned.topics.into_iter().map(|(it, _)| (it.topic.clone(), it)).collect();
        let driver = Driver::new(DriverParts {
            group: planned.group.clone(),
            consumer,
            engine: Engine::new(sources, settings(self.jitter_seed, self.limits)),
            handlers: match planned.role {
                Role::Main | Role::Retry => self.handlers.clone(),
                Role::Dlt => self.dlt_handlers.clone(),
            },
            inbox: inbox.clone(),
            port: self.port.clone(),
            context: self.context.clone(),
            observers: self.observers.clone(),
            runtime: self.runtime.clone(),
            clock: self.broker.clock(),
            report: Box::new(move |status| drop(statuses.send((index, status)))),
            stop_listener: Box::new(move |listener, record, message| pauses.stop(listener, record, message)),
        });
        let ended = seat
            .run(planned.group, driver, &self.runtime)
            .map_err(|source| Error::System { what: "cannot start a consumer's thread", source })?;
        self.plan.follow(key, inbox.clone(), &since);
        Ok(RunningConsumer { inbox, ended, ready: false })
    }

    /// What a consumer has beside the properties of the cluster.
    fn properties_of(&self, planned: &PlannedConsumer) -> BTreeMap<String, String> {
        let mut properties = self.properties.clone();
        if let Some(listener) = planned.alone {
            let plan = self.plan.get();
            let listener = plan.listener(listener);
            if let Some(instance) = &self.instance {
                // One process is two members of the group then, and of two with one id the group keeps the younger.
                properties.insert(INSTANCE.to_owned(), format!("{instance}-{}", listener.id));
            }
            properties.extend(listener.settings.properties.clone());
        }
        properties
    }
}

/// Each listener's handler, for its source and retry topics together: `concurrency` counts over both.
pub(super) fn handlers(plan: &Plan) -> Handlers {
    let listeners = plan.listeners.iter().enumerate();
    let handlers = listeners.map(|(index, listener)| {
        let concurrency = listener.settings.concurrency.map(|limit| Semaphore::new(limit as usize));
        (
            ListenerIndex(index),
            Arc::new(Handler {
                call: listener.call,
                filter: listener.filter,
                concurrency,
                timeout: listener.settings.handler_timeout,
                manual: listener.manual,
            }),
        )
    });
    handlers.collect()
}

pub(super) fn dlt_handlers(plan: &Plan) -> Handlers {
    let listeners = plan.listeners.iter().enumerate();
    let handlers = listeners.filter_map(|(index, listener)| {
        let PlannedDltHandler { call, manual, .. } = listener.dlt_handler?;
        Some((ListenerIndex(index), Arc::new(Handler { call, filter: None, concurrency: None, timeout: None, manual })))
    });
    handlers.collect()
}

fn settings(jitter_seed: Option<u64>, limits: Option<Limits>) -> Settings {
    Settings {
        limits: limits.unwrap_or_default(),
        commit_interval: Duration::from_millis(100),
        revoke_drain: Duration::from_secs(2),
        trace_limit: 1024,
        seed: jitter_seed.unwrap_or_else(|| std::process::id().into()),
    }
}
