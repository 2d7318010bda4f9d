//! Topics that appear, and go, while the application runs: looked for, given their chains, handed to the consumers
//! by a new plan.
//!
//! What cannot be read is told, once, and looked at
//! again with every look.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Error;
use super::current::CurrentPlan;
use crate::broker::{Admin, ClientError};
use crate::listener::{Plan, Refused};
use crate::observe::{self, Observers};
use crate::problem::Problems;
use crate::record::TopicName;
use crate::topics::{Ensure, TopicsError};

/// The plan with all topics that its patterns match now.
pub(super) async fn matched(plan: Plan, admin: &dyn Admin, every: Option<Duration>) -> Result<Plan, Error> {
    if !plan.has_patterns() {
        return Ok(plan);
    }
    let mut problems = Problems::default();
    if every.is_none() {
        problems.add(
            "a listener has a `topic_pattern`, and `topic.metadata.refresh.interval.ms` says that topics are never looked \
             for: leave that property out",
        );
        return Err(Error::Settings(problems));
    }
    let (plan, refused) = plan.with_topics(&admin.topics().await?);
    refused.into_iter().for_each(|refused| problems.add(refused.why));
    problems.into_result().map_err(Error::Topics)?;
    Ok(plan)
}

/// Looks for topics again and again, until it is dropped.
pub(super) struct Discovery(JoinHandle<()>);

impl Discovery {
    pub(super) fn start(mut lookout: Lookout, every: Duration) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(every).await;
                lookout.look().await;
            }
        }))
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Looks for topics.
pub(super) struct Lookout {
    ensure: Ensure,
    plan: CurrentPlan,
    observers: Observers,
    /// What was told of topics that are refused.
    told: BTreeMap<TopicName, String>,
    /// Whether the last look had no answer.
    unanswered: bool,
}

impl Lookout {
    pub(super) fn new(ensure: Ensure, plan: CurrentPlan, observers: Observers) -> Self {
        Self { ensure, plan, observers, told: BTreeMap::new(), unanswered: false }
    }

    async fn look(&mut self) {
        let answer = self.try_look().await;
        if let Err(error) = &answer
            && !self.unanswered
        {
            tracing::warn!(%error, "topics cannot be looked for; tried again");
        }
        self.unanswered = answer.is_err();
    }

    async fn try_look(&mut self) -> Result<(), ClientError> {
        let before = self.plan.get();
        let (plan, mut refused) = before.with_topics(&self.ensure.admin.topics().await?);
        let mut plan = self.with_chains(&before, plan, &mut refused).await?;
        let (found, gone) = (plan.new_since(&before), before.new_since(&plan));
        if !found.is_empty() || !gone.is_empty() {
            plan.begin_with_the_earliest(&found);
            self.plan.set(plan);
        }
        for (topic, listener) in self.readers(&found) {
            self.observers.tell(&observe::Event::TopicFound { listener, topic });
        }
        for (topic, listener) in self.readers(&gone) {
            self.observers.tell(&observe::Event::TopicGone { listener, topic });
        }
        self.tell_refused(refused);
        Ok(())
    }

    fn readers(&self, topics: &BTreeSet<TopicName>) -> Vec<(TopicName, Arc<str>)> {
        let plan = self.plan.get();
        topics.iter().flat_map(|topic| plan.ids_of(topic).into_iter().map(|id| (topic.clone(), id))).collect()
    }

    /// The plan without those new topics whose chains cannot be had.
    async fn with_chains(
        &self,
        before: &Plan,
        mut plan: Plan,
        refused: &mut Vec<Refused>,
    ) -> Result<Plan, ClientError> {
        let new = plan.new_since(before);
        if new.is_empty() || self.have_chains(&plan.only(&new)).await?.is_ok() {
            return Ok(plan);
        }
        // One of them must not keep the others from being read.
        for topic in new {
            if let Err(problems) = self.have_chains(&plan.only(&[topic.clone()].into())).await? {
                let why = problems.iter().collect::<Vec<_>>().join("; ");
                plan = plan.without(&topic);
                refused.push(Refused { listeners: plan.ids_of(&topic), topic, why });
            }
        }
        Ok(plan)
    }

    async fn have_chains(&self, plan: &Plan) -> Result<Result<(), Problems>, ClientError> {
        match self.ensure.all(plan).await {
            Ok(ensured) => {
                ensured.drifts.iter().for_each(|drift| self.observers.tell(&drift.event()));
                Ok(Ok(()))
            }
            Err(TopicsError::Problems(problems)) => Ok(Err(problems)),
            Err(TopicsError::Cluster(error)) => Err(error),
        }
    }

    fn tell_refused(&mut self, refused: Vec<Refused>) {
        let mut told = BTreeMap::new();
        for Refused { topic, listeners, why } in refused {
            if self.told.get(&topic) != Some(&why) {
                let (topic, message) = (topic.clone(), why.clone());
                self.observers.tell(&observe::Event::TopicRefused { listeners, topic, message });
            }
            told.insert(topic, why);
        }
        self.told = told;
    }
}
