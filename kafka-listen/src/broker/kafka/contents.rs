//! How far a group is, and what lies in the log: for looking, not for handling. All of it blocks.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;

use super::config::{Properties, unusable};
use super::native::client::GroupClient;
use super::native::list::Listed;
use super::native::queue::PartitionQueue;
use super::reach::{Asker, failed};
use crate::broker::{ClientError, Ends};
use crate::clock::Clock;
use crate::record::{Record, TopicPartition};

/// ListOffsets' marks.
const FIRST: i64 = -2;
const END: i64 = -1;
/// How long records are waited for. The end of a partition is told, so this is for one that does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a look takes that finds nothing.
const LOOK: Duration = Duration::from_millis(5);

/// What a group has committed. The client is the group's, though it never joins: librdkafka's way of asking for another group
/// ends the process when the coordinator moves.
pub(super) fn committed(
    properties: &Properties,
    group: &str,
    partitions: &[TopicPartition],
) -> Result<Vec<Option<i64>>, ClientError> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let what = format!("asking for what the group `{group}` has committed");
    let asker = Asker::new(properties, Some(group))?;
    let listed = asker.ask(&what, |client, time| client.committed(partitions, time).map_err(failed))?;
    Ok(by_place(&listed, partitions))
}

/// Where logs begin and end.
pub(super) fn ends(asker: &Asker, partitions: &[TopicPartition]) -> Result<Vec<Ends>, ClientError> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let what = "asking for the ends of partitions";
    let at = |mark| {
        let listed = asker.ask(what, |client, time| client.offsets_at(partitions, mark, time).map_err(failed))?;
        let unknown = |place| ClientError(format!("{what} failed: the log of {place} does not answer"));
        let known = partitions.iter().zip(by_place(&listed, partitions));
        known.map(|(place, offset)| offset.ok_or_else(|| unknown(place))).collect::<Result<Vec<_>, ClientError>>()
    };
    Ok(at(FIRST)?.into_iter().zip(at(END)?).map(|(low, high)| Ends { low, high }).collect())
}

/// The offsets of an answer, in the order of the question.
fn by_place(listed: &[Listed], partitions: &[TopicPartition]) -> Vec<Option<i64>> {
    let places = listed.iter().map(|listed| ((listed.topic.as_str(), listed.partition), listed.known_offset()));
    let by_place: HashMap<_, _> = places.collect();
    partitions.iter().map(|place| by_place.get(&(place.topic.as_str(), place.partition)).copied().flatten()).collect()
}

/// Some records of each of these partitions.
pub(super) fn peek(
    properties: &Properties,
    group: &str,
    from: &[(TopicPartition, i64)],
    most: usize,
) -> Result<Vec<(TopicPartition, Record)>, ClientError> {
    if from.is_empty() {
        return Ok(Vec::new());
    }
    let mut config = properties.admin();
    config.set("group.id", group).set("enable.auto.commit", "false").set("enable.partition.eof", "true");
    config.set("isolation.level", "read_uncommitted").set("queued.min.messages", most.clamp(1, 1000).to_string());
    let client = Arc::new(GroupClient::new(&config, || {}).map_err(unusable)?);
    let mut open: Vec<Looking> = from.iter().filter_map(|(place, _)| Looking::at(&client, place, most)).collect();
    client.assign(from.iter().map(|(place, offset)| (place, *offset))).map_err(ClientError)?;
    let (mut records, began) = (Vec::new(), Clock::System.now());
    while !open.is_empty() && Clock::System.now().since(began) < PATIENCE {
        drop(client.poll(LOOK));
        open.retain_mut(|looking| looking.read(&mut records));
    }
    if let Err(error) = client.unassign() {
        tracing::debug!(group, error, "nothing to unassign");
    }
    Ok(records)
}

/// A partition that is being looked at.
struct Looking {
    place: TopicPartition,
    queue: PartitionQueue,
    left: usize,
}

impl Looking {
    fn at(client: &Arc<GroupClient>, place: &TopicPartition, most: usize) -> Option<Self> {
        Some(Self { place: place.clone(), queue: client.partition(place, || {})?, left: most })
    }

    /// Takes what has come; whether more is to come.
    fn read(&mut self, records: &mut Vec<(TopicPartition, Record)>) -> bool {
        let batch = Arc::new(self.queue.read(self.left));
        for (index, message) in batch.iter().enumerate() {
            match message.error() {
                None => {
                    let record = Record::of(batch.clone(), index, message.offset(), message.time());
                    records.push((self.place.clone(), record.detach()));
                    self.left = self.left.saturating_sub(1);
                }
                Some((Code::PartitionEOF, _)) => return false,
                Some((code, reason)) => {
                    tracing::debug!(partition = %self.place, %code, reason, "it cannot be looked at");
                    return false;
                }
            }
        }
        self.left > 0
    }
}
