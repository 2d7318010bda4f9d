//! The admin port: questions about topics and offsets answered, topics created, all of it at once.

use std::sync::Arc;

use super::cluster::Cluster;
use super::log::Log;
use super::state::State;
use crate::broker::{Admin, BoxFuture, ClientError, CreateError, Ends, NewTopic, Peeked, Room, TopicInfo};
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

    fn partitions<'a>(&'a self, topics: &'a [TopicName]) -> BoxFuture<'a, Result<Vec<Option<i32>>, ClientError>> {
        let count = |state: &State, name: &TopicName| Some(state.topics.get(name)?.count());
        Box::pin(async move { self.cluster.ask(|state, _| Ok(topics.iter().map(|name| count(state, name)).collect())) })
    }

    fn committed<'a>(
        &'a self,
        group: &'a str,
        partitions: &'a [TopicPartition],
    ) -> BoxFuture<'a, Result<Vec<Option<i64>>, ClientError>> {
        let committed = move |state: &State, of: &TopicPartition| state.groups.get(group)?.committed.get(of).copied();
        Box::pin(
            async move { self.cluster.ask(|state, _| Ok(partitions.iter().map(|of| committed(state, of)).collect())) },
        )
    }

    fn ends<'a>(&'a self, partitions: &'a [TopicPartition]) -> BoxFuture<'a, Result<Vec<Ends>, ClientError>> {
        let ends = |state: &State, of: &TopicPartition| {
            let log = log(state, of)?;
            Ok(Ends { low: log.low(), high: log.high() })
        };
        Box::pin(async move { self.cluster.ask(|state, _| partitions.iter().map(|of| ends(state, of)).collect()) })
    }

    fn peek<'a>(
        &'a self,
        _: &'a str,
        from: &'a [(TopicPartition, i64)],
        most: usize,
    ) -> BoxFuture<'a, Result<Peeked, ClientError>> {
        let peek = move |state: &State, (of, offset): &(TopicPartition, i64)| {
            let mut records = Vec::new();
            log(state, of)?.read(*offset, Room { records: most, bytes: usize::MAX }, &mut records);
            Ok(records.into_iter().map(|record| (of.clone(), record)).collect::<Vec<_>>())
        };
        Box::pin(async move {
            let is_silent = |of: &TopicPartition| self.cluster.faults().is_silent(of);
            let (silent, from): (Vec<_>, Vec<_>) = from.iter().partition(|(of, _)| is_silent(of));
            let partitions = self.cluster.ask(|state, _| from.iter().map(|from| peek(state, from)).collect())?;
            let silent = silent.into_iter().map(|(of, _)| of.clone()).collect();
            Ok(Peeked { records: Vec::into_iter(partitions).flatten().collect(), silent })
        })
    }
}

fn log<'s>(state: &'s State, of: &TopicPartition) -> Result<&'s Log, ClientError> {
    let partition = state.topics.partition(of).ok_or_else(|| ClientError(format!("there is no partition {of}")))?;
    Ok(&partition.log)
}
