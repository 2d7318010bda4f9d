//! Start-up, in its order: settings, cluster, topics, consumers.

use std::sync::Arc;

use tokio::runtime::Handle as Runtime;
use tokio::sync::mpsc;

use super::consumers::Consumers;
use super::current::CurrentPlan;
use super::discover::{Discovery, Lookout, interval, matched, told_of};
use super::handle::Handle;
use super::mend::{Mending, Missing};
use super::pauses::Pauses;
use super::starter::{INSTANCE, Starter, dlt_handlers, handlers};
use super::{App, Error, checked};
use crate::broker::Admin;
use crate::extract::Context;
use crate::listener::Plan;
use crate::observe::Event;
use crate::producer::Producer;
use crate::record::TopicName;
use crate::topics::{Ensure, earlier, left_over, newcomers};

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
    let found = told_of(&plan, &found, |listener, topic| Event::TopicFound { listener, topic });
    found.iter().chain(&left_over.events).chain(&earlier).for_each(|event| app.observers.tell(event));
    plan.read_also(left_over.topics);
    Ok(plan)
}
