//! Start-up, in its order: settings, cluster, topics, consumers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::{Semaphore, mpsc};

use super::consumers::{Consumers, RunningConsumer, Statuses};
use super::current::CurrentPlan;
use super::discover::{Discovery, Lookout, found_events, interval, matched};
use super::handle::Handle;
use super::mend::{Mending, Missing};
use super::pauses::Pauses;
use super::{App, Error, checked};
use crate::broker::{Admin, Broker, ConsumerSpec, ProducerPort};
use crate::engine::{Engine, Limits, ListenerIndex, Role, Settings};
use crate::extract::Context;
use crate::listener::{Plan, PlannedConsumer, PlannedDltHandler};
use crate::observe::Observers;
use crate::producer::Producer;
use crate::record::TopicName;
use crate::runtime::{Driver, DriverParts, Handler, Inbox, Seat};
use crate::topics::{Ensure, earlier, left_over, newcomers};

/// The bytes that one consumer's client may read ahead.
const READ_AHEAD: usize = 64 << 20;

const INSTANCE: &str = "group.instance.id";

pub(super) async fn start(mut app: App) -> Result<Handle, Error> {
    let (plan, properties) = checked::settings(&mut app)?;
    let broker = properties.broker()?;
    let admin = broker.admin()?;
    let every = interval(&plan, broker.looks_every())?;
    let names = admin.topics().await?;
    let plan = as_it_is(&app, &admin, matched(plan, &names)?, &names).await?;
    tracing::info!("listening to {}{plan}", broker.address());
    let current = CurrentPlan::new(plan);
    let plan = current.get();
    let missing = Missing::default();
    app.observers.add(Arc::new(missing.clone()));
    let ensure = || Ensure { admin: admin.clone(), create_sources: None };
    let mending = Mending::start(missing, ensure(), current.clone(), broker.notices_within());
    let port = broker.producer()?;
    let producer = Producer::new(port.clone());
    let context = Arc::new(Context { states: std::mem::take(&mut app.states), producer: producer.clone() });
    let pauses = Arc::new(Pauses::new(plan.clone(), app.observers.clone(), broker.clock()));
    let (sender, statuses) = mpsc::unbounded_channel();
    let starter = Starter {
        broker: broker.clone(),
        runtime: Runtime::current(),
        plan: current.clone(),
        context,
        observers: app.observers.clone(),
        properties: properties.of_groups(),
        instance: properties.get(INSTANCE).map(str::to_owned),
        port: port.clone(),
        pauses: pauses.clone(),
        handlers: handlers(&plan),
        dlt_handlers: dlt_handlers(&plan),
        jitter_seed: app.jitter_seed,
        limits: app.limits,
    };
    let consumers = Arc::new(Consumers::start(current.clone(), starter, every.is_some(), sender)?);
    let discovery = every.map(|every| {
        let lookout = Lookout::new(ensure(), current.clone(), consumers.clone(), app.observers.clone(), names);
        Discovery::start(lookout, every)
    });
    let drain = app.drain.unwrap_or(App::DRAIN);
    Ok(Handle {
        consumers,
        statuses,
        producer,
        port,
        plan: current,
        drain,
        pauses,
        _mending: mending,
        _discovery: discovery,
    })
}

/// The plan on the cluster as it is: with its topics there, and with what lies in them and others from before.
async fn as_it_is(app: &App, admin: &Arc<dyn Admin>, mut plan: Plan, names: &[TopicName]) -> Result<Plan, Error> {
    let create_sources = app.create_sources.and_then(|partitions| i32::try_from(partitions).ok());
    let ensured = Ensure { admin: admin.clone(), create_sources }.all(&plan).await?;
    ensured.drifts.iter().for_each(|drift| app.observers.tell(&drift.event()));
    let found = newcomers(&**admin, &plan).await?;
    plan.begin_with_the_earliest(&found);
    let left_over = left_over(&**admin, &plan, plan.candidates(names)).await?;
    let earlier = earlier(&**admin, &plan, &ensured.there).await?;
    let found = found_events(&plan, &found);
    found.iter().chain(&left_over.events).chain(&earlier).for_each(|event| app.observers.tell(event));
    plan.read_also(left_over.topics);
    Ok(plan)
}

/// Starts consumers that have everything but their topics and properties in common.
pub(super) struct Starter {
    broker: Arc<dyn Broker>,
    runtime: Runtime,
    plan: CurrentPlan,
    context: Arc<Context>,
    observers: Observers,
    properties: BTreeMap<String, String>,
    /// The process's name as a static member.
    instance: Option<String>,
    port: Arc<dyn ProducerPort>,
    pauses: Arc<Pauses>,
    handlers: Handlers,
    dlt_handlers: Handlers,
    jitter_seed: Option<u64>,
    limits: Option<Limits>,
}

type Handlers = HashMap<ListenerIndex, Arc<Handler>>;

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
fn handlers(plan: &Plan) -> Handlers {
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

fn dlt_handlers(plan: &Plan) -> Handlers {
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
