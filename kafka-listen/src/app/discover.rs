//! Topics that appear, and go, while the application runs: looked for, given their chains, handed to the consumers
//! by a new plan.
//!
//! What cannot be read is told, once, and looked at again with every look.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Error;
use super::consumers::Consumers;
use super::current::CurrentPlan;
use super::newest::Newest;
use crate::broker::ClientError;
use crate::listener::{Found, LeftOver, Plan, Refused};
use crate::observe::{Event, Observers};
use crate::problem::Problems;
use crate::record::TopicName;
use crate::topics::{Ensure, LeftOvers, TopicsError, left_over};

/// How often topics are looked for, if a listener has a pattern.
pub(super) fn interval(plan: &Plan, every: Option<Duration>) -> Result<Option<Duration>, Error> {
    if !plan.has_patterns() {
        return Ok(None);
    }
    if every.is_none() {
        let mut problems = Problems::default();
        problems.add(
            "a listener has a `topic_pattern`, and `topic.metadata.refresh.interval.ms` says that topics are never looked \
             for: leave that property out",
        );
        return Err(Error::Settings(problems));
    }
    Ok(every)
}

/// The plan with all of these topics that its patterns match.
pub(super) fn matched(plan: Plan, names: &[TopicName]) -> Result<Plan, Error> {
    let (plan, refused) = plan.with_topics(names);
    let mut problems = Problems::default();
    refused.into_iter().for_each(|refused| problems.add(refused.why));
    problems.into_result().map_err(Error::Topics)?;
    Ok(plan)
}

/// What is told of topics that came or went: of each this event, with the id of its listener.
pub(super) fn told_of<'f>(
    plan: &Plan,
    of: impl IntoIterator<Item = &'f Found>,
    event: fn(Arc<str>, TopicName) -> Event,
) -> Vec<Event> {
    of.into_iter().map(|(listener, topic)| event(plan.listener(*listener).id.clone(), topic.clone())).collect()
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
    consumers: Arc<Consumers>,
    observers: Observers,
    newest: Newest,
    /// What was told of topics that are refused.
    told: BTreeSet<Refused>,
    /// Whether the last look had no answer.
    unanswered: bool,
}

impl Lookout {
    /// `names` are the topics that there were at start-up.
    pub(super) fn new(
        ensure: Ensure,
        plan: CurrentPlan,
        consumers: Arc<Consumers>,
        observers: Observers,
        names: Vec<TopicName>,
    ) -> Self {
        let newest = Newest::since(names);
        Self { ensure, plan, consumers, observers, newest, told: BTreeSet::new(), unanswered: false }
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

    async fn try_look(&mut self) -> Result<(), Error> {
        let before = self.plan.get();
        let names = self.ensure.admin.topics().await?;
        self.newest.look_at(&names);
        let (plan, mut refused) = before.with_topics(&names);
        let mut plan = self.with_chains(&before, plan, &mut refused).await?;
        let (found, lost) = (plan.new_since(&before), before.new_since(&plan));
        let left_over = self.left_over(&plan, &names, &found).await?;
        let mut events = told_of(&plan, &found, |listener, topic| Event::TopicFound { listener, topic });
        events.extend(told_of(&plan, &lost, |listener, topic| Event::TopicGone { listener, topic }));
        if !events.is_empty() || !left_over.topics.is_empty() {
            plan.begin_with_the_earliest(&found);
            plan.read_also(left_over.topics);
            self.plan.set(plan);
        }
        events.iter().chain(&left_over.events).for_each(|event| self.observers.tell(event));
        self.tell_refused(refused);
        self.consumers.start_missing()
    }

    /// What older versions left behind of the chains of topics that were just found; and what those of them that still run
    /// have brought along since.
    async fn left_over(
        &self,
        plan: &Plan,
        names: &[TopicName],
        found: &BTreeSet<Found>,
    ) -> Result<LeftOvers, ClientError> {
        let mut candidates = plan.candidates(names);
        candidates.retain(|candidate| {
            let LeftOver { source, topic, .. } = &candidate.left_over;
            plan.listener(candidate.listener).pattern().is_some()
                && (found.contains(&(candidate.listener, source.clone())) || self.newest.contains(topic))
        });
        left_over(&*self.ensure.admin, plan, candidates).await
    }

    /// The plan without those new topics whose chains cannot be had, by the listeners that cannot have them.
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
        for found in new {
            if let Err(problems) = self.have_chains(&plan.only(&[found.clone()].into())).await? {
                plan = plan.without(&found);
                let (listener, topic) = found;
                refused.push(Refused::new(topic, vec![plan.listener(listener).id.clone()], &problems));
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
        let refused = BTreeSet::from_iter(refused);
        for Refused { topic, listeners, why } in refused.difference(&self.told).cloned() {
            self.observers.tell(&Event::TopicRefused { listeners, topic, message: why });
        }
        self.told = refused;
    }
}
