//! Sees to it that a plan's topics are there before anything subscribes to them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::drift::{Drifts, compare};
use super::wanted::{WantedTopic, new_source, wanted};
use crate::broker::{Admin, ClientError, NewTopic, TopicInfo};
use crate::listener::Plan;
use crate::problem::Problems;
use crate::record::TopicName;
use crate::sabotage::{Rule, broken};

/// The topics cannot be had.
#[derive(Debug)]
pub(crate) enum TopicsError {
    /// The cluster cannot be asked.
    Cluster(ClientError),
    /// All that is wrong with topics.
    Problems(Problems),
}

impl From<ClientError> for TopicsError {
    fn from(error: ClientError) -> Self {
        Self::Cluster(error)
    }
}

/// What is known of a plan's topics when all of them are there.
#[derive(Debug, Default)]
pub(crate) struct Ensured {
    /// What should be known about them.
    pub(crate) drifts: Drifts,
    /// The chain topics that were there already, and their partitions.
    pub(crate) there: BTreeMap<TopicName, i32>,
}

/// Looks at topics, and creates those that are missing.
pub(crate) struct Ensure {
    /// Administration.
    pub(crate) admin: Arc<dyn Admin>,
    /// How many partitions a source topic gets that is not there; `None` refuses to start without it.
    pub(crate) create_sources: Option<i32>,
}

impl Ensure {
    /// Makes all topics of the plan exist.
    ///
    /// # Errors
    /// A topic is missing that may not be created, cannot be created, or cannot be used as it is.
    pub(crate) async fn all(&self, plan: &Plan) -> Result<Ensured, TopicsError> {
        let topics = all_wanted(plan, self.sources(plan).await?);
        let names: Vec<_> = topics.iter().map(|it| it.new.name.clone()).collect();
        let (mut problems, mut ensured, mut missing) = (Problems::default(), Ensured::default(), Vec::new());
        for (topic, found) in topics.iter().zip(self.admin.describe(&names).await?) {
            match found {
                Some(_) if broken(Rule::CreateOnce) => problems.add("the topic exists".to_owned()),
                Some(found) => {
                    compare(topic, &found, &mut problems, &mut ensured.drifts);
                    ensured.there.insert(topic.new.name.clone(), found.partitions);
                }
                None if topic.auto_create => missing.push(topic.clone()),
                None => problems.add(format!(
                    "the chain topic `{}` does not exist: create it, or let the listener create it by removing `auto_create = false`",
                    topic.new.name
                )),
            }
        }
        problems.into_result().map_err(TopicsError::Problems)?;
        self.create_wanted(&missing, &mut ensured.drifts).await?;
        Ok(ensured)
    }

    /// A topic that was just created has the broker's own retention, which may be too short for what is to wait in it.
    async fn create_wanted(&self, missing: &[WantedTopic], drifts: &mut Drifts) -> Result<(), TopicsError> {
        let new: Vec<_> = missing.iter().map(|topic| topic.new.clone()).collect();
        self.create(&new).await?;
        let names: Vec<_> = new.into_iter().map(|topic| topic.name).collect();
        let mut problems = Problems::default();
        for (topic, found) in missing.iter().zip(self.admin.describe(&names).await?) {
            if let Some(found) = found {
                compare(topic, &found, &mut problems, drifts);
            }
        }
        problems.into_result().map_err(TopicsError::Problems)
    }

    async fn sources(&self, plan: &Plan) -> Result<BTreeMap<TopicName, TopicInfo>, TopicsError> {
        let chain_topics: Vec<_> =
            plan.listeners.iter().flat_map(|it| &it.rules).flat_map(|it| it.chain.dead_letter_topics()).collect();
        let mut places = BTreeMap::new();
        for listener in &plan.listeners {
            for rules in &listener.rules {
                places.entry(rules.chain.source().clone()).or_insert(listener.site);
            }
        }
        let names: Vec<_> = places.keys().cloned().collect();
        let (mut found, mut missing, mut problems) = (BTreeMap::new(), Vec::new(), Problems::default());
        for (name, info) in names.iter().zip(self.admin.describe(&names).await?) {
            match (info, self.create_sources) {
                (Some(info), _) => drop(found.insert(name.clone(), info)),
                // A listener on another one's DLT: that will be created with its chain.
                (None, _) if chain_topics.contains(&name) => {}
                (None, Some(partitions)) => missing.push(new_source(name, partitions)),
                (None, None) => problems.add(format!(
                    "the topic `{name}` of {} does not exist: create it, or let the application do so with `.create_source_topics(partitions)`",
                    places[name]
                )),
            }
        }
        problems.into_result().map_err(TopicsError::Problems)?;
        self.create(&missing).await?;
        let names: Vec<_> = missing.into_iter().map(|topic| topic.name).collect();
        let created = self.admin.describe(&names).await?;
        found.extend(names.into_iter().zip(created).filter_map(|(name, info)| Some((name, info?))));
        Ok(found)
    }

    async fn create(&self, topics: &[NewTopic]) -> Result<(), TopicsError> {
        if topics.is_empty() {
            return Ok(());
        }
        let mut problems = Problems::default();
        for error in self.admin.create(topics).await?.into_iter().filter_map(Result::err) {
            problems.add(error.to_string());
        }
        problems.into_result().map_err(TopicsError::Problems)
    }
}

/// The topics of all chains. The source of one may be the DLT of another and not be there yet: then it counts as it will
/// be created.
fn all_wanted(plan: &Plan, mut sources: BTreeMap<TopicName, TopicInfo>) -> Vec<WantedTopic> {
    let mut topics = Vec::new();
    let mut open: Vec<_> =
        plan.listeners.iter().flat_map(|it| it.rules.iter().map(move |rules| (it, &**rules))).collect();
    loop {
        let mut unknown = Vec::new();
        let before = open.len();
        for (listener, rules) in open {
            let Some(source) = sources.get(rules.chain.source()) else {
                unknown.push((listener, rules));
                continue;
            };
            let as_source = source.replication;
            for topic in wanted(listener, rules, source) {
                let NewTopic { name, partitions, replication, config } = topic.new.clone();
                let replication = replication.unwrap_or(as_source);
                sources.entry(name).or_insert(TopicInfo { partitions, replication, config });
                topics.push(topic);
            }
        }
        if unknown.len() == before {
            return topics;
        }
        open = unknown;
    }
}

#[cfg(all(test, feature = "embedded"))]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::broker::Broker;
    use crate::broker::memory::Cluster;
    use crate::topics::wanted::Waits;

    #[tokio::test]
    async fn a_topic_that_was_just_created_is_looked_at_too() {
        let admin = Cluster::named("embedded:ensure-retention").admin().unwrap();
        let ensure = Ensure { admin, create_sources: None };
        let wanted = |name: &str, days: u64| WantedTopic {
            new: NewTopic {
                name: TopicName::new(name).unwrap(),
                partitions: 1,
                replication: None,
                config: BTreeMap::new(),
            },
            partitions_set: false,
            replicas: 1,
            waits: Some(Waits { longest: Duration::from_secs(days * 86_400), asked_for: Duration::ZERO }),
            auto_create: true,
        };
        let mut drifts = Drifts::default();
        ensure.create_wanted(&[wanted("t-retry-long", 30), wanted("t-retry-short", 1)], &mut drifts).await.unwrap();
        assert_eq!(drifts.iter().count(), 1, "{drifts:?}");
        assert!(format!("{drifts:?}").contains("`t-retry-long` keeps records for"), "{drifts:?}");
    }
}
