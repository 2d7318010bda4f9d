//! The admin port: questions about topics and offsets answered, topics created, all of it at once.

use std::sync::Arc;

use super::cluster::Cluster;
use super::state::State;
use crate::broker::{Admin, BoxFuture, ClientError, CreateError, NewTopic, PartitionOffsets, TopicInfo};
use crate::record::{TopicName, TopicPartition};

/// Administers a cluster in the process.
pub(super) struct MemoryAdmin {
    cluster: Arc<Cluster>,
}

impl MemoryAdmin {
    pub(super) fn new(cluster: Arc<Cluster>) -> Self {
        Self { cluster }
    }
}

impl Admin for MemoryAdmin {
    fn describe<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<TopicInfo>>, ClientError>> {
        let describe = |state: &State, name: &TopicName| {
            let topic = state.topics.get(name)?;
            let config = topic.config.settings().clone();
            Some(TopicInfo { partitions: topic.count(), replication: topic.replication, config })
        };
        Box::pin(
            async move { self.cluster.ask(|state, _| Ok(topics.iter().map(|name| describe(state, name)).collect())) },
        )
    }

    fn topics(&self) -> BoxFuture<'_, Result<Vec<TopicName>, ClientError>> {
        Box::pin(async { self.cluster.ask(|state, _| Ok(state.topics.counts().into_keys().collect())) })
    }

    fn create<'a>(
        &'a self,
        topics: &'a [NewTopic],
    ) -> BoxFuture<'a, Result<Vec<Result<(), CreateError>>, ClientError>> {
        Box::pin(async move {
            self.cluster.ask(|state, after| {
                let created = topics.iter().map(|new| {
                    state.create(new, after).map_err(|message| CreateError { topic: new.name.clone(), message })
                });
                Ok(created.collect())
            })
        })
    }

    fn offsets<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<Vec<PartitionOffsets>, ClientError>> {
        let offsets = |state: &State, of: &TopicPartition| {
            let missing = || ClientError(format!("there is no partition {of}"));
            let log = &state.topics.partition(of).ok_or_else(missing)?.log;
            let committed = state.groups.get(group).and_then(|group| group.committed.get(of).copied());
            Ok(PartitionOffsets { committed, low: log.low(), high: log.high() })
        };
        Box::pin(async move { self.cluster.ask(|state, _| partitions.iter().map(|of| offsets(state, of)).collect()) })
    }
}
