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
use crate::broker::{ClientError, Ends, Peeked};
use crate::clock::Clock;
use crate::record::{Record, TopicPartition};

/// ListOffsets' marks.
const FIRST: i64 = -2;
const END: i64 = -1;
/// How long records are waited for. The end of a partition is told, so this is for one that does not answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// The same for all of them together.
const PATIENCE_FOR_ALL: Duration = Duration::from_secs(10);
/// How many partitions are looked at together: of each the client holds all that one fetch unpacks to.
const AT_A_TIME: usize = 16;
/// The most that is kept of what is seen, but for one record of each partition.
const BYTES: usize = 32 << 20;
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

/// Some records of each of these partitions, a few partitions at a time.
pub(super) fn peek(
    properties: &Properties,
    group: &str,
    from: &[(TopicPartition, i64)],
    most: usize,
) -> Result<Peeked, ClientError> {
    if from.is_empty() {
        return Ok(Peeked::default());
    }
    let mut config = properties.admin();
    config.set("group.id", group).set("enable.auto.commit", "false").set("enable.partition.eof", "true");
    config.set("isolation.level", "read_uncommitted").set("queued.min.messages", most.clamp(1, 1000).to_string());
    let client = Arc::new(GroupClient::new(&config, || {}).map_err(unusable)?);
    let most = Most { records: most, bytes: BYTES / from.len() };
    let (mut peeked, began) = (Peeked::default(), Clock::System.now());
    for some in from.chunks(AT_A_TIME) {
        if Clock::System.now().since(began) < PATIENCE_FOR_ALL {
            look_at(&client, some, most, &mut peeked)?;
        } else {
            peeked.silent.extend(some.iter().map(|(place, _)| place.clone()));
        }
    }
    Ok(peeked)
}

/// Some records of a few partitions.
fn look_at(
    client: &Arc<GroupClient>,
    from: &[(TopicPartition, i64)],
    most: Most,
    peeked: &mut Peeked,
) -> Result<(), ClientError> {
    let mut looking: Vec<Looking> = from.iter().filter_map(|(place, _)| Looking::at(client, place, most)).collect();
    client.assign(from.iter().map(|(place, offset)| (place, *offset))).map_err(ClientError)?;
    let began = Clock::System.now();
    while looking.iter().any(|it| !it.is_done) && Clock::System.now().since(began) < PATIENCE {
        drop(client.poll(LOOK));
        looking.iter_mut().filter(|it| !it.is_done).for_each(|it| it.read(&mut peeked.records));
    }
    if let Err(error) = client.unassign() {
        tracing::debug!(error, "nothing to unassign");
    }
    let has_answered = |place: &TopicPartition| looking.iter().any(|it| it.has_answered && it.place == *place);
    peeked.silent.extend(from.iter().map(|(place, _)| place).filter(|place| !has_answered(place)).cloned());
    looking.into_iter().for_each(|it| it.queue.discard());
    Ok(())
}

/// How much is looked at of each partition; one record at least.
#[derive(Clone, Copy)]
struct Most {
    records: usize,
    bytes: usize,
}

/// A partition that is being looked at.
struct Looking {
    place: TopicPartition,
    queue: PartitionQueue,
    left: Most,
    /// It is known what lies there, or at least some of it.
    has_answered: bool,
    is_done: bool,
}

impl Looking {
    fn at(client: &Arc<GroupClient>, place: &TopicPartition, most: Most) -> Option<Self> {
        let queue = client.partition(place, || {})?;
        let is_done = most.records == 0;
        Some(Self { place: place.clone(), queue, left: most, has_answered: is_done, is_done })
    }

    /// Takes what has come.
    fn read(&mut self, records: &mut Vec<(TopicPartition, Record)>) {
        let batch = Arc::new(self.queue.read(self.left.records));
        for (index, message) in batch.iter().enumerate() {
            match message.error() {
                None if self.is_done => {}
                None => {
                    let record = Record::of(batch.clone(), index, message.offset(), message.time()).detach();
                    self.left.records -= 1;
                    self.left.bytes = self.left.bytes.saturating_sub(record.memory());
                    self.is_done = self.left.records == 0 || self.left.bytes == 0;
                    self.has_answered = true;
                    records.push((self.place.clone(), record));
                }
                Some((Code::PartitionEOF, _)) => (self.has_answered, self.is_done) = (true, true),
                Some((code, reason)) => {
                    tracing::debug!(partition = %self.place, %code, reason, "it cannot be looked at");
                    self.is_done = true;
                }
            }
        }
    }
}
