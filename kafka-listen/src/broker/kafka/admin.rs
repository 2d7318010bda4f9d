//! Administration: what topics are like, their creation. How far a group is, and what lies in a log: [`contents`].

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic as Wanted, ResourceSpecifier, TopicReplication,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::config::{Properties, unusable};
use super::contents;
use super::elsewhere::Elsewhere;
use super::logging::Logging;
use super::native::topics::Partitions;
use super::reach::{Asker, is_transient};
use crate::broker::{Admin, BoxFuture, ClientError, CreateError, Ends, NewTopic, Peeked, TopicInfo};
use crate::record::{TopicName, TopicPartition};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(5);
/// How often creation is tried, and how often new topics are looked for, `PAUSE` apart.
const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);
/// What is told about a topic.
const CONFIG: [&str; 5] =
    ["cleanup.policy", "max.message.bytes", "min.insync.replicas", "retention.ms", "retention.bytes"];

/// How many partitions topics have, as far as anybody asked.
pub(super) type Known = Arc<Mutex<HashMap<TopicName, i32>>>;

/// Administration of one cluster.
pub(super) struct KafkaAdmin {
    admin: Elsewhere<AdminClient<Logging>>,
    asker: Arc<Elsewhere<Asker>>,
    properties: Properties,
    known: Known,
}

impl KafkaAdmin {
    pub(super) fn new(properties: &Properties, known: Known) -> Result<Self, ClientError> {
        let admin = properties.admin().create_with_context(Logging).map_err(unusable)?;
        let asker = Arc::new(Elsewhere::new(Asker::new(properties, None)?));
        Ok(Self { admin: Elsewhere::new(admin), asker, properties: properties.clone(), known })
    }

    /// The partitions of each topic, `None` where there is no such topic.
    async fn partitions(&self, topics: Vec<TopicName>) -> Result<Vec<Option<Partitions>>, ClientError> {
        let (asker, asked) = (Arc::clone(&self.asker), topics.clone());
        let found = blocking(move || asker.describe(&asked)).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(topics.into_iter().zip(&found).filter_map(|(topic, found)| Some((topic, found.as_ref()?.count))));
        Ok(found)
    }

    async fn settings(&self, topics: &[&TopicName]) -> Result<Vec<BTreeMap<String, String>>, ClientError> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let resources: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
        let answers = self.admin.describe_configs(&resources, &options()).await;
        let answers = answers.map_err(|error| ClientError(format!("topics cannot be described: {error}")))?;
        let settings = |(topic, answer): (&&TopicName, Result<ConfigResource, Code>)| match answer {
            Ok(resource) if !resource.entries.is_empty() => Ok(looked_at(resource)),
            // Every topic has settings; the client passes a refusal on as none.
            Ok(_) | Err(Code::TopicAuthorizationFailed) => Err(ClientError(format!(
                "no right to see the settings of `{topic}`: it takes the ACL `DescribeConfigs` on it"
            ))),
            Err(code) => Err(ClientError(format!("the settings of `{topic}` cannot be seen: {code}"))),
        };
        topics.iter().zip(answers).map(settings).collect()
    }

    async fn describe_all(&self, topics: &[TopicName]) -> Result<Vec<Option<TopicInfo>>, ClientError> {
        // The broker does not take a question that names a topic twice.
        let once: Vec<_> = topics.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let partitions = self.partitions(once.clone()).await?;
        let there: Vec<_> = once.iter().zip(partitions).filter_map(|(topic, found)| Some((topic, found?))).collect();
        let settings = self.settings(&there.iter().map(|(topic, _)| *topic).collect::<Vec<_>>()).await?;
        let infos = there.into_iter().zip(settings).map(|((topic, Partitions { count, replication, .. }), config)| {
            (topic, TopicInfo { partitions: count, replication, config })
        });
        let infos: BTreeMap<_, _> = infos.collect();
        Ok(topics.iter().map(|topic| infos.get(topic).cloned()).collect())
    }

    async fn create_all(&self, topics: &[NewTopic]) -> Result<Vec<Result<(), CreateError>>, ClientError> {
        let asker = Arc::clone(&self.asker);
        blocking(move || asker.ask("asking for the cluster's name", |client, time| client.reach(time))).await?;
        let mut results = Vec::with_capacity(topics.len());
        for portion in portions(topics) {
            results.extend(self.create_portion(portion).await);
        }
        self.wait_for(topics, &mut results).await?;
        Ok(results)
    }

    /// Creates topics with one request, and those again that the cluster could not create just then.
    async fn create_portion(&self, topics: &[NewTopic]) -> Vec<Result<(), CreateError>> {
        let mut codes: Vec<_> = topics.iter().map(|_| Err(Code::Fail)).collect();
        let mut open: Vec<_> = (0..topics.len()).collect();
        for _ in 0..TRIES {
            let wanted: Vec<_> = open.iter().map(|&index| wanted(&topics[index])).collect();
            match self.admin.create_topics(&wanted, &options()).await {
                Ok(answers) => {
                    for (&index, answer) in open.iter().zip(answers) {
                        codes[index] = match answer {
                            Ok(_) | Err((_, Code::TopicAlreadyExists)) => Ok(()),
                            Err((_, code)) => Err(code),
                        };
                    }
                }
                Err(error) => open.iter().for_each(|&index| codes[index] = Err(code_of(&error))),
            }
            open.retain(|&index| codes[index].is_err_and(is_transient));
            if open.is_empty() {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        let refused = |(topic, code): (&NewTopic, Result<(), Code>)| {
            code.map_err(|code| CreateError { topic: topic.name.clone(), message: refusal(code, topic) })
        };
        topics.iter().zip(codes).map(refused).collect()
    }

    /// Creation is only ordered when it is acknowledged: waits until all that were not refused can be used.
    async fn wait_for(&self, topics: &[NewTopic], results: &mut [Result<(), CreateError>]) -> Result<(), ClientError> {
        let ordered = topics.iter().zip(results).filter(|(_, result)| result.is_ok());
        let mut open: Vec<_> = ordered.map(|(topic, result)| (topic.name.clone(), result)).collect();
        for _ in 0..TRIES {
            let names = open.iter().map(|(name, _)| name.clone()).collect();
            // One that was there before may have any number.
            let can_be_used = |found: &Option<Partitions>| found.is_some_and(|it| it.count > 0 && it.count == it.led);
            let mut usable = self.partitions(names).await?.iter().map(can_be_used).collect::<Vec<_>>().into_iter();
            open.retain(|_| !usable.next().unwrap_or(false));
            if open.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(PAUSE).await;
        }
        for (topic, result) in open {
            let message =
                "it was created, but its partitions have no leaders yet; look at the brokers' logs".to_owned();
            *result = Err(CreateError { topic, message });
        }
        Ok(())
    }
}

/// Such as one request may ask for. The cluster's controller refuses one that would write too many records at once, and
/// overlooks that names of one request collide, as `.` and `_` do.
fn portions(topics: &[NewTopic]) -> impl Iterator<Item = &[NewTopic]> {
    const MOST: i32 = 2000;
    let seen_as = |topic: &NewTopic| topic.name.replace('.', "_");
    let (mut size, mut names) = (0_i32, BTreeSet::new());
    topics.chunk_by(move |topic, next| {
        size = size.saturating_add(topic.partitions).saturating_add(1);
        names.insert(seen_as(topic));
        let fits = size.saturating_add(next.partitions) < MOST && !names.contains(&seen_as(next));
        if !fits {
            size = 0;
            names.clear();
        }
        fits
    })
}

fn wanted(topic: &NewTopic) -> Wanted<'_> {
    let replication = TopicReplication::Fixed(topic.replication.unwrap_or(-1));
    let wanted = Wanted::new(&topic.name, topic.partitions, replication);
    topic.config.iter().fold(wanted, |wanted, (name, value)| wanted.set(name, value))
}

impl Admin for KafkaAdmin {
    fn describe<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<TopicInfo>>, ClientError>> {
        Box::pin(self.describe_all(topics))
    }

    fn topics(&self) -> BoxFuture<'_, Result<Vec<TopicName>, ClientError>> {
        let asker = Arc::clone(&self.asker);
        Box::pin(blocking(move || asker.ask("asking for the names of topics", |client, time| client.topics(time))))
    }

    fn create<'a>(
        &'a self,
        topics: &'a [NewTopic],
    ) -> BoxFuture<'a, Result<Vec<Result<(), CreateError>>, ClientError>> {
        Box::pin(self.create_all(topics))
    }

    fn partitions<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<i32>>, ClientError>> {
        Box::pin(async {
            let found = self.partitions(topics.to_vec()).await?;
            Ok(found.into_iter().map(|found| found.map(|partitions| partitions.count)).collect())
        })
    }

    fn committed<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<Vec<Option<i64>>, ClientError>> {
        let (properties, group, partitions) = (self.properties.clone(), group.to_owned(), partitions.to_vec());
        Box::pin(blocking(move || contents::committed(&properties, &group, &partitions)))
    }

    fn ends<'a>(&'a self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Vec<Ends>, ClientError>> {
        let (asker, partitions) = (Arc::clone(&self.asker), partitions.to_vec());
        Box::pin(blocking(move || contents::ends(&asker, &partitions)))
    }

    fn peek<'a>(
        &'a self,
        group: &'a str,
        from: &'a [(TopicPartition, i64)],
        most: usize,
    ) -> BoxFuture<'a, Result<Peeked, ClientError>> {
        let (properties, group, from) = (self.properties.clone(), group.to_owned(), from.to_vec());
        Box::pin(blocking(move || contents::peek(&properties, &group, &from, most)))
    }
}

fn code_of(error: &KafkaError) -> Code {
    error.rdkafka_error_code().unwrap_or(Code::Fail)
}

fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(REQUEST)).operation_timeout(Some(REQUEST))
}

fn looked_at(resource: ConfigResource) -> BTreeMap<String, String> {
    let entries = resource.entries.into_iter().filter(|entry| CONFIG.contains(&entry.name.as_str()));
    entries.filter_map(|entry| Some((entry.name, entry.value?))).collect()
}

/// Why a topic was not created, and what to do.
fn refusal(code: Code, topic: &NewTopic) -> String {
    let name = &topic.name;
    match code {
        Code::TopicAuthorizationFailed | Code::ClusterAuthorizationFailed => format!(
            "no right to create it: it takes the ACL `Create` on `Topic {name}` (or on `Cluster`); or create it by \
             hand and set `auto_create = false`"
        ),
        Code::PolicyViolation => {
            "the cluster's policy for new topics forbids it; its operators know the rule".to_owned()
        }
        Code::InvalidReplicationFactor => match topic.replication {
            Some(wanted) => format!("there are not {wanted} brokers to hold replicas; set `replication` lower"),
            None => {
                "there are fewer brokers than the cluster's `default.replication.factor`; set `replication`".to_owned()
            }
        },
        Code::InvalidPartitions => format!("the cluster does not take {} partitions", topic.partitions),
        Code::InvalidConfig => format!("the cluster does not take one of its settings: {:?}", topic.config),
        Code::InvalidTopic => "the cluster does not take its name: it differs from another topic's only in `.` and \
                               `_`, or is too long"
            .to_owned(),
        code if is_transient(code) => format!("the cluster did not answer in time ({code}); try again"),
        code => code.to_string(),
    }
}

/// Runs what waits for the network where waiting is allowed.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClientError> + Send + 'static,
) -> Result<T, ClientError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ClientError(format!("the cluster could not be asked: {error}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(topics: impl IntoIterator<Item = (String, i32)>) -> Vec<usize> {
        let new = |(name, partitions)| {
            let name = TopicName::new(name).unwrap();
            NewTopic { name, partitions, replication: None, config: BTreeMap::new() }
        };
        let topics: Vec<_> = topics.into_iter().map(new).collect();
        portions(&topics).map(<[NewTopic]>::len).collect()
    }

    #[test]
    fn a_request_asks_for_no_more_partitions_than_a_controller_takes() {
        let sizes = |partitions: &[i32]| sizes(partitions.iter().enumerate().map(|(i, &it)| (format!("t{i}"), it)));
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&[1; 500]), [500]);
        assert_eq!(sizes(&[500; 8]), [3, 3, 2]);
        assert_eq!(sizes(&[9000, 1, i32::MAX, 1]), [1, 1, 1, 1]);
    }

    #[test]
    fn names_that_collide_are_not_asked_for_together() {
        let sizes = |names: &[&str]| sizes(names.iter().map(|name| ((*name).to_owned(), 1)));
        assert_eq!(sizes(&["a.b", "c", "a_b", "a_b", "d"]), [2, 1, 2]);
    }
}
