//! Partitions that are not fetched for a while, though they are assigned.

use std::time::Duration;

use rdkafka_sys as sys;

use super::client::{GroupClient, checked, explained, millis};
use super::list::{listed, offsets, places};
use crate::record::TopicPartition;

/// How long librdkafka may take to move its positions: its main thread does it, which waits for nobody.
const PATIENCE: Duration = Duration::from_secs(1);

impl GroupClient {
    /// Stops fetching partitions and throws away what was fetched of them, to go on at these offsets some time; for each of them
    /// whether it was done.
    ///
    /// Pausing alone would go on behind the last message that was taken from the queue. The seek comes first: it clears the
    /// position from which a pause goes on, so that no pause to come (each rebalance is one) moves it again.
    pub(in super::super) fn rest(&self, partitions: &[(&TopicPartition, i64)]) -> Result<Vec<bool>, String> {
        let moved = self.seek_all(partitions)?;
        let list = places(partitions.iter().zip(&moved).filter(|(_, moved)| **moved).map(|((place, _), _)| *place));
        // SAFETY: client and list are valid; the list is ours alone and is written to.
        checked(unsafe { sys::rd_kafka_pause_partitions(self.raw(), list.ptr()) }).map_err(|code| code.to_string())?;
        Ok(moved)
    }

    /// Fetches such partitions again, from these offsets; for each of them whether it is: not if librdkafka has stopped it. To be
    /// told them once more makes librdkafka look at once; after a resume alone it does so with the next answer of a broker, or
    /// within a second.
    pub(in super::super) fn wake(&self, partitions: &[(&TopicPartition, i64)]) -> Result<Vec<bool>, String> {
        let list = places(partitions.iter().map(|(place, _)| *place));
        // SAFETY: client and list are valid; the list is ours alone and is written to.
        checked(unsafe { sys::rd_kafka_resume_partitions(self.raw(), list.ptr()) }).map_err(|code| code.to_string())?;
        self.seek_all(partitions)
    }

    /// For each of them whether it was done.
    fn seek_all(&self, partitions: &[(&TopicPartition, i64)]) -> Result<Vec<bool>, String> {
        let list = offsets(partitions.iter().copied());
        // SAFETY: client and list are valid; the list is ours alone and is written to, the answer is ours.
        unsafe { explained(sys::rd_kafka_seek_partitions(self.raw(), list.ptr(), millis(PATIENCE)))? };
        Ok(listed(&list).iter().map(|listed| listed.error.is_none()).collect())
    }
}
