//! Administration: what topics are like, their creation, how far a group is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, ConfigResource, NewTopic as Wanted, ResourceSpecifier, TopicReplication,
};
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::config::{Properties, unusable};
use super::logging::Logging;
use super::native::client::Partitions;
use super::native::list::Listed;
use super::reach::{Asker, is_transient};
use crate::broker::{Admin, BoxFuture, ClientError, CreateError, NewTopic, PartitionOffsets, TopicInfo};
use crate::record::{TopicName, TopicPartition};

/// How long one request may take.
const REQUEST: Duration = Duration::from_secs(5);
/// How often creation is tried, and how often a new topic is looked for, `PAUSE` apart.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(200);
/// What is told about a topic.
const CONFIG: [&str; 5] =
    ["cleanup.policy", "max.message.bytes", "min.insync.replicas", "retention.ms", "retention.bytes"];

/// How many partitions topics have, as far as anybody asked.
pub(super) type Known = Arc<Mutex<HashMap<TopicName, i32>>>;

/// Administration of one cluster.
pub(super) struct KafkaAdmin {
    admin: AdminClient<Logging>,
    asker: Arc<Asker>,
    properties: Properties,
    known: Known,
}

impl KafkaAdmin {
    pub(super) fn new(properties: &Properties, known: Known) -> Result<Self, ClientError> {
        let admin = properties.admin().create_with_context(Logging).map_err(unusable)?;
        let asker = Arc::new(Asker::new(properties, None)?);
        Ok(Self { admin, asker, properties: properties.clone(), known })
    }

    /// The partitions of each topic, `None` where there is no such topic.
    async fn partitions(&self, topics: Vec<TopicName>) -> Result<Vec<Option<Partitions>>, ClientError> {
        let asker = Arc::clone(&self.asker);
        let found = blocking(move || {
            let partitions = |topic: &TopicName| {
                asker.ask(&format!("describing the topic `{topic}`"), |client, time| client.partitions_of(topic, time))
            };
            topics.iter().map(|topic| Ok((topic.clone(), partitions(topic)?))).collect::<Result<Vec<_>, ClientError>>()
        })
        .await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(found.iter().filter_map(|(topic, found)| Some((topic.clone(), found.as_ref()?.count))));
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    async fn settings(&self, topics: &[&TopicName]) -> Result<Vec<BTreeMap<String, String>>, ClientError> {
        if topics.is_empty() {
            return Ok(Vec::new());
        }
        let resources: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
        let answers = self.admin.describe_configs(&resources, &options()).await;
        let answers = answers.map_err(|error| ClientError(format!("topics cannot be described: {error}")))?;
        let settings = |(topic, answer): (&&TopicName, Result<ConfigResource, Code>)| match answer {
            Ok(resource) => Ok(looked_at(resource)),
            Err(Code::TopicAuthorizationFailed) => Err(ClientError(format!(
                "no right to see the settings of `{topic}`: it takes the ACL `DescribeConfigs` on it"
            ))),
            Err(code) => Err(ClientError(format!("the settings of `{topic}` cannot be seen: {code}"))),
        };
        topics.iter().zip(answers).map(settings).collect()
    }

    async fn describe_all(&self, topics: &[TopicName]) -> Result<Vec<Option<TopicInfo>>, ClientError> {
        let partitions = self.partitions(topics.to_vec()).await?;
        let there: Vec<_> =
            topics.iter().zip(&partitions).filter(|(_, found)| found.is_some()).map(|(t, _)| t).collect();
        let mut settings = self.settings(&there).await?.into_iter();
        let info = |found: Option<Partitions>| {
            found.map(|Partitions { count, replication, .. }| {
                let config = settings.next().unwrap_or_default();
                TopicInfo { partitions: count, replication, config }
            })
        };
        Ok(partitions.into_iter().map(info).collect())
    }

    async fn create_all(&self, topics: &[NewTopic]) -> Result<Vec<Result<(), CreateError>>, ClientError> {
        let asker = Arc::clone(&self.asker);
        blocking(move || asker.ask("asking for the cluster's name", |client, time| client.reach(time))).await?;
        let mut results: Vec<Result<(), CreateError>> = Vec::new();
        for topic in topics {
            results.push(self.create_one(topic).await);
        }
        for (topic, result) in topics.iter().zip(&mut results) {
            if result.is_ok() {
                *result = self.wait_for(topic).await?;
            }
        }
        Ok(results)
    }

    async fn create_one(&self, topic: &NewTopic) -> Result<(), CreateError> {
        let replication = TopicReplication::Fixed(topic.replication.unwrap_or(-1));
        let mut wanted = Wanted::new(&topic.name, topic.partitions, replication);
        for (name, value) in &topic.config {
            wanted = wanted.set(name, value);
        }
        let mut last = Code::Fail;
        for _ in 0..TRIES {
            last = match self.admin.create_topics([&wanted], &options()).await {
                Ok(answers) => match answers.into_iter().next() {
                    Some(Ok(_) | Err((_, Code::TopicAlreadyExists))) => return Ok(()),
                    Some(Err((_, code))) => code,
                    None => Code::Fail,
                },
                Err(error) => code_of(&error),
            };
            if !is_transient(last) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Err(CreateError { topic: topic.name.clone(), message: refusal(last, topic) })
    }

    /// Creation is only ordered when it is acknowledged.
    async fn wait_for(&self, topic: &NewTopic) -> Result<Result<(), CreateError>, ClientError> {
        for _ in 0..TRIES {
            let found = self.partitions(vec![topic.name.clone()]).await?;
            // One that was there before may have any number.
            if let [Some(Partitions { count, led, .. })] = found[..]
                && count > 0
                && count == led
            {
                return Ok(Ok(()));
            }
            tokio::time::sleep(PAUSE).await;
        }
        let message = "it was created, but its partitions have no leaders yet; look at the brokers' logs".to_owned();
        Ok(Err(CreateError { topic: topic.name.clone(), message }))
    }
}

impl Admin for KafkaAdmin {
    fn describe<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<TopicInfo>>, ClientError>> {
        Box::pin(self.describe_all(topics))
    }

    fn create<'a>(
        &'a self,
        topics: &'a [NewTopic],
    ) -> BoxFuture<'a, Result<Vec<Result<(), CreateError>>, ClientError>> {
        Box::pin(self.create_all(topics))
    }

    fn offsets<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<Vec<PartitionOffsets>, ClientError>> {
        let (properties, group, partitions) = (self.properties.clone(), group.to_owned(), partitions.to_vec());
        Box::pin(blocking(move || offsets(&properties, &group, &partitions)))
    }
}

fn offsets(
    properties: &Properties,
    group: &str,
    partitions: &[TopicPartition],
) -> Result<Vec<PartitionOffsets>, ClientError> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let asker = Asker::new(properties, Some(group))?;
    let what = format!("asking for the offsets of the group `{group}`");
    let committed = asker.ask(&what, |client, time| client.committed(partitions, time).map_err(failed))?;
    let first = asker.ask(&what, |client, time| client.offsets_at(partitions, -2, time).map_err(failed))?;
    let end = asker.ask(&what, |client, time| client.offsets_at(partitions, -1, time).map_err(failed))?;
    let of = |list: &[Listed], place| list.iter().find(|listed| listed.is(place)).and_then(Listed::known_offset);
    let unknown = |place| ClientError(format!("{what} failed: the log of {place} does not answer"));
    let one = |place| {
        let low = of(&first, place).ok_or_else(|| unknown(place))?;
        let high = of(&end, place).ok_or_else(|| unknown(place))?;
        Ok(PartitionOffsets { committed: of(&committed, place), low, high })
    };
    partitions.iter().map(one).collect()
}

fn failed(code: Code) -> KafkaError {
    KafkaError::MetadataFetch(code)
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
