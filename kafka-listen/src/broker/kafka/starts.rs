//! Where reading begins: asks the group and the log, decides by the one rule. Before the group is joined it finds out
//! which partitions are read for the first time, and for those that are being assigned, where each begins.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;

use super::native::client::GroupClient;
use super::native::list::Listed;
use super::reach::is_transient;
use crate::broker::{Beginning, FirstReads, OffsetReset};
use crate::record::{TopicName, TopicPartition};

/// How long one question may take. The group waits meanwhile; after it the question is asked again.
const PATIENCE: Duration = Duration::from_millis(1000);
/// ListOffsets' marks.
const FIRST: i64 = -2;
const END: i64 = -1;

/// Topics by their names, each with where a group without a committed offset begins.
pub(super) type Topics = HashMap<String, (TopicName, OffsetReset)>;

/// Where one partition begins.
#[derive(Debug)]
pub(super) struct Start {
    pub(super) place: TopicPartition,
    pub(super) committed: Option<i64>,
    pub(super) beginning: Beginning,
}

/// The topics for which it matters what the group had committed before.
pub(super) fn latest(topics: &Topics) -> impl Iterator<Item = &TopicName> {
    topics.values().filter(|(_, reset)| *reset == OffsetReset::Latest).map(|(topic, _)| topic)
}

/// What this group would read for the first time. To be asked before it is joined.
pub(super) fn first_reads(client: &GroupClient, topics: &Topics) -> Result<FirstReads, Code> {
    let mut first = FirstReads::default();
    let topics: Vec<_> = latest(topics).collect();
    for (&topic, described) in topics.iter().zip(client.describe(&topics, PATIENCE)?) {
        let count = match described {
            Ok(partitions) => partitions.map_or(0, |partitions| partitions.count),
            Err(code) if is_transient(code) => return Err(code),
            // A topic that may not be seen does not hold up the others; the client tells of it by itself.
            Err(_) => 0,
        };
        let all: Vec<_> = (0..count).map(|partition| TopicPartition { topic: topic.clone(), partition }).collect();
        if !all.is_empty() && committed(client, &all)?.iter().all(Option::is_none) {
            first.add(topic.clone(), count);
        }
    }
    Ok(first)
}

/// Where partitions begin.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) starts: Vec<Start>,
    /// Nobody leads these, so that nobody knows where they begin.
    pub(super) leaderless: Vec<TopicPartition>,
}

/// Decides for each of `places`. One without a leader does not hold up the others: it is not asked about, and where the
/// group has committed, its offset is taken as it is; the fetch will tell if the log does not have it.
pub(super) fn find(
    client: &GroupClient,
    places: &[TopicPartition],
    topics: &Topics,
    first: &FirstReads,
) -> Result<Found, Code> {
    let committed = committed(client, places)?;
    let leaderless = client.leaderless(PATIENCE)?;
    let is_leaderless = |place: &TopicPartition| leaderless.iter().any(|one| one.is(place));
    let led: Vec<_> = places.iter().filter(|place| !is_leaderless(place)).cloned().collect();
    let lows = match ask(client, &led, FIRST) {
        Ok(lows) => lows,
        Err(_) if committed.iter().all(Option::is_some) => Vec::new(),
        Err(code) => return Err(code),
    };
    // Only a first assignment that asks for the latest needs to know where the log ends.
    let begins_late = |(place, committed): &(&TopicPartition, &Option<i64>)| {
        committed.is_none() && reset(topics, place) == OffsetReset::Latest && !is_leaderless(place)
    };
    let latest: Vec<_> = places.iter().zip(&committed).filter(begins_late).map(|(place, _)| place.clone()).collect();
    let highs = ask(client, &latest, END)?;
    let mut found = Found::default();
    for (place, committed) in places.iter().zip(committed) {
        let low = lows.iter().find(|low| low.is(place)).and_then(Listed::known_offset);
        let Some(low) = low.or(committed) else {
            if !is_leaderless(place) {
                return Err(Code::LeaderNotAvailable);
            }
            found.leaderless.push(place.clone());
            continue;
        };
        // Whether a committed offset lies behind the end is for the fetch to tell: a client that reads committed
        // records only is told of an end that uncommitted ones lie behind.
        let high = highs.iter().find(|high| high.is(place)).map_or(i64::MAX, |high| high.offset);
        let beginning = Beginning::decide(committed, low, high, reset(topics, place), first.contains(place));
        found.starts.push(Start { place: place.clone(), committed, beginning });
    }
    Ok(found)
}

/// Where a partition whose next offset the log does not have goes on.
pub(super) fn find_again(client: &GroupClient, place: &TopicPartition, wanted: i64) -> Result<Beginning, Code> {
    let place = std::slice::from_ref(place);
    let (low, high) = (ask(client, place, FIRST)?, ask(client, place, END)?);
    let offset = |answer: &[Listed]| answer.first().and_then(Listed::known_offset).ok_or(Code::LeaderNotAvailable);
    Ok(Beginning::decide(Some(wanted), offset(&low)?, offset(&high)?, OffsetReset::Error, false))
}

fn reset(topics: &Topics, place: &TopicPartition) -> OffsetReset {
    topics.get(place.topic.as_str()).map_or(OffsetReset::Earliest, |(_, reset)| *reset)
}

fn committed(client: &GroupClient, places: &[TopicPartition]) -> Result<Vec<Option<i64>>, Code> {
    let answer = client.committed(places, PATIENCE)?;
    if let Some(code) = answer.iter().find_map(|listed| listed.error) {
        return Err(code);
    }
    let of = |place| answer.iter().find(|listed| listed.is(place)).and_then(Listed::known_offset);
    Ok(places.iter().map(of).collect())
}

fn ask(client: &GroupClient, places: &[TopicPartition], what: i64) -> Result<Vec<Listed>, Code> {
    if places.is_empty() { Ok(Vec::new()) } else { client.offsets_at(places, what, PATIENCE) }
}
