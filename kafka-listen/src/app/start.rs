//! Start-up, in its order: settings, cluster, topics, consumers.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::{Semaphore, mpsc};

use super::handle::{Handle, RunningConsumer};
use super::mend::{Mending, Missing};
use super::pauses::Pauses;
use super::{App, Error};
use crate::broker::kafka::{self, KafkaBroker};
use crate::broker::{Broker, ConsumerSpec, ProducerPort};
use crate::config::Variables;
use crate::engine::{Engine, Limits, ListenerIndex, Role, Settings};
use crate::extract::Context;
use crate::listener::{Plan, PlannedConsumer, PlannedDltHandler, registered};
use crate::observe::Observers;
use crate::problem::Problems;
use crate::producer::Producer;
use crate::runtime::{Driver, DriverParts, Handler, Inbox, Seat, Status};
use crate::topics::{Earlier, Ensure, earlier};

/// The bytes that one consumer's client may read ahead.
const READ_AHEAD: usize = 64 << 20;

const SERVERS: &str = "bootstrap.servers";

pub(super) async fn start(mut app: App) -> Result<Handle, Error> {
    let mut plan = plan(&mut app)?;
    let broker = broker(&app.properties)?;
    let admin = broker.admin()?;
    let create_sources = app.create_sources.and_then(|partitions| i32::try_from(partitions).ok());
    let ensured = Ensure { admin: admin.clone(), create_sources }.all(&plan).await?;
    ensured.drifts.iter().for_each(|drift| app.observers.tell(&drift.event()));
    let Earlier { left_over, events } = earlier(&*admin, &plan, &ensured.there).await?;
    events.iter().for_each(|event| app.observers.tell(event));
    plan.read_also(left_over);
    let plan = Arc::new(plan);
    tracing::info!("listening to {}{plan}", broker.address());
    let missing = Missing::default();
    app.observers.add(Arc::new(missing.clone()));
    let mending =
        Mending::start(missing, Ensure { admin, create_sources: None }, plan.clone(), broker.notices_within());
    let port = broker.producer()?;
    let producer = Producer::new(port.clone());
    let context = Arc::new(Context { states: std::mem::take(&mut app.states), producer: producer.clone() });
    let (sender, statuses) = mpsc::unbounded_channel();
    let starter = Starter {
        broker: &*broker,
        context,
        observers: &app.observers,
        properties: group_properties(&app.properties),
        port: port.clone(),
        pauses: Arc::new(Pauses::new(plan.clone(), app.observers.clone(), broker.clock())),
        handlers: handlers(&plan),
        dlt_handlers: dlt_handlers(&plan),
        jitter_seed: app.jitter_seed,
        limits: app.limits,
    };
    let mut consumers: Vec<RunningConsumer> = Vec::new();
    for (index, planned) in plan.consumers().into_iter().enumerate() {
        let started = starter.start(index, planned, sender.clone()).inspect_err(|_| {
            // An application that could not start must not handle records.
            consumers.iter().for_each(|running| running.stop(Duration::ZERO));
        });
        consumers.push(started?);
    }
    let pauses = starter.pauses;
    let drain = app.drain.unwrap_or(App::DRAIN);
    Ok(Handle { consumers, statuses, producer, port, plan, drain, pauses, _mending: mending })
}

/// Everything that can be wrong without a cluster, all of it at once.
pub(super) fn plan(app: &mut App) -> Result<Plan, Error> {
    let mut problems = std::mem::take(&mut app.problems);
    let variables = Variables::new(app.properties.clone(), std::mem::take(&mut app.environment));
    let registered = registered(app.named.as_deref(), &mut problems);
    let plan = Plan::new(&registered, app.group.as_deref(), &variables, &app.states, &mut problems);
    check_properties(app, &variables, &mut problems);
    problems.into_result().map_err(Error::Settings)?;
    app.properties.retain(|name, _| kafka::is_property(name));
    check_together(&app.properties)?;
    Ok(plan)
}

fn check_properties(app: &App, variables: &Variables, problems: &mut Problems) {
    if servers(&app.properties).is_empty() {
        problems.add(format!(
            "no Kafka is named: set the property `{SERVERS}` or the environment variable `KAFKA_BOOTSTRAP_SERVERS`, \
             to `host:port` for a cluster or to `embedded` for the in-process broker (feature `embedded`)"
        ));
    }
    let embedded = is_embedded(servers(&app.properties));
    for (name, value) in &app.properties {
        if kafka::is_property(name) {
            let problem = kafka::property_problem(name, value);
            let problem = problem.or_else(|| embedded.then(|| embedded_problem(name, value)).flatten());
            problem.into_iter().for_each(|problem| problems.add(problem));
        } else if !variables.was_used(name) {
            let near = kafka::nearest_property(name).map(|near| format!("; did you mean `{near}`?"));
            let near = near.unwrap_or_default();
            problems.add(format!("the property `{name}` is neither a client property nor used by a placeholder{near}"));
        }
    }
}

/// What is good property by property and not together.
fn check_together(properties: &BTreeMap<String, String>) -> Result<(), Error> {
    let mut problems = Problems::default();
    if !is_embedded(servers(properties)) {
        kafka::contradictions(properties).into_iter().for_each(|problem| problems.add(problem));
    }
    problems.into_result().map_err(Error::Settings)
}

fn servers(properties: &BTreeMap<String, String>) -> &str {
    properties.get(SERVERS).map_or("", |servers| servers.trim())
}

fn is_embedded(servers: &str) -> bool {
    servers == "embedded" || servers.starts_with("embedded:")
}

fn broker(properties: &BTreeMap<String, String>) -> Result<Arc<dyn Broker>, Error> {
    match servers(properties) {
        servers if is_embedded(servers) => embedded(servers),
        _ => Ok(Arc::new(KafkaBroker::new(properties.clone())?)),
    }
}

/// What a consumer is told beside its group and topics: the broker inside the process has no properties of its own.
fn group_properties(properties: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    if is_embedded(servers(properties)) { properties.clone() } else { BTreeMap::new() }
}

#[cfg(feature = "embedded")]
fn embedded(address: &str) -> Result<Arc<dyn Broker>, Error> {
    Ok(crate::broker::memory::Cluster::named(address))
}

#[cfg(feature = "embedded")]
use crate::broker::memory::property_problem as embedded_problem;

/// That the broker is not there is told instead.
#[cfg(not(feature = "embedded"))]
fn embedded_problem(_: &str, _: &str) -> Option<String> {
    None
}

#[cfg(not(feature = "embedded"))]
fn embedded(address: &str) -> Result<Arc<dyn Broker>, Error> {
    let mut problems = Problems::default();
    problems.add(format!(
        "`{SERVERS}={address}` asks for the in-process broker: enable the feature `embedded` of kafka-listen"
    ));
    Err(Error::Settings(problems))
}

/// Starts consumers that have everything but their topics in common.
struct Starter<'a> {
    broker: &'a dyn Broker,
    context: Arc<Context>,
    observers: &'a Observers,
    properties: BTreeMap<String, String>,
    port: Arc<dyn ProducerPort>,
    pauses: Arc<Pauses>,
    handlers: Handlers,
    dlt_handlers: Handlers,
    jitter_seed: Option<u64>,
    limits: Option<Limits>,
}

type Handlers = HashMap<ListenerIndex, Arc<Handler>>;

impl Starter<'_> {
    fn start(
        &self,
        index: usize,
        planned: PlannedConsumer,
        statuses: mpsc::UnboundedSender<(usize, Status)>,
    ) -> Result<RunningConsumer, Error> {
        let seat = Seat::new(self.broker.host());
        let wake = seat.wake();
        let spec = ConsumerSpec {
            group: planned.group.clone(),
            topics: planned.topics.iter().map(|(source, reset)| (source.topic.clone(), *reset)).collect(),
            properties: self.properties.clone(),
            read_ahead: READ_AHEAD,
            grows: false,
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
            runtime: Runtime::current(),
            clock: self.broker.clock(),
            report: Box::new(move |status| drop(statuses.send((index, status)))),
            stop_listener: Box::new(move |listener, record, message| pauses.stop(listener, record, message)),
        });
        let ended = seat
            .run(planned.group, driver, &Runtime::current())
            .map_err(|source| Error::System { what: "cannot start a consumer's thread", source })?;
        Ok(RunningConsumer { inbox, ended, ready: false })
    }
}

/// Each listener's handler, for its source and retry topics together: `concurrency` counts over both.
fn handlers(plan: &Plan) -> Handlers {
    let listeners = plan.listeners.iter().enumerate();
    let handlers = listeners.map(|(index, listener)| {
        let concurrency = listener.concurrency.map(|limit| Semaphore::new(limit as usize));
        (
            ListenerIndex(index),
            Arc::new(Handler {
                call: listener.call,
                concurrency,
                timeout: listener.handler_timeout,
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
        Some((ListenerIndex(index), Arc::new(Handler { call, concurrency: None, timeout: None, manual })))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_groups_properties_are_for_the_broker_that_has_none_of_its_own() {
        let given = |servers: &str| {
            let properties = [(SERVERS, servers), ("session.timeout.ms", "6000")];
            let properties = properties.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            group_properties(&properties).get("session.timeout.ms").cloned()
        };
        assert_eq!(given("embedded").as_deref(), Some("6000"));
        assert_eq!(given("embedded:a").as_deref(), Some("6000"));
        assert_eq!(given("localhost:9092"), None);
    }
}
