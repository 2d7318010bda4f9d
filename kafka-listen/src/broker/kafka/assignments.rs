//! The partitions that are assigned to one consumer, and which of them have something to read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::native::client::GroupClient;
use super::partition::{Partition, Stay, new_id};
use crate::broker::Wake;
use crate::record::{AssignmentId, TopicPartition};

/// The partitions of one consumer.
pub(super) struct Assignments {
    held: HashMap<AssignmentId, Partition>,
    /// Assigned, but never told to our holder, and not read: where they begin was refused.
    refused: Vec<TopicPartition>,
    readable: Arc<Readable>,
}

/// Which partitions have something to read; written by librdkafka's threads.
struct Readable {
    ids: Mutex<Vec<AssignmentId>>,
    wake: Wake,
}

impl Assignments {
    pub(super) fn new(wake: Wake) -> Self {
        let readable = Arc::new(Readable { ids: Mutex::default(), wake });
        Self { held: HashMap::new(), refused: Vec::new(), readable }
    }

    /// A partition has come to stay, to be read from `start`. To be called before librdkafka is told.
    pub(super) fn insert(
        &mut self,
        client: &Arc<GroupClient>,
        place: TopicPartition,
        start: i64,
    ) -> Option<AssignmentId> {
        let id = new_id();
        self.open(client, id, place, start)?;
        Some(id)
    }

    /// A partition goes on at `start`, with a new queue. To be called while librdkafka does not read it.
    pub(super) fn reopen(&mut self, client: &Arc<GroupClient>, id: AssignmentId, start: i64) -> Option<()> {
        // The old queue goes first: it takes its call back from librdkafka's, which the new one may share.
        let old = self.held.remove(&id)?;
        let place = old.place.clone();
        old.discard();
        self.open(client, id, place, start)
    }

    fn open(&mut self, client: &Arc<GroupClient>, id: AssignmentId, place: TopicPartition, start: i64) -> Option<()> {
        let readable = Arc::clone(&self.readable);
        let queue = client.partition(&place, move || readable.mark(id))?;
        self.held.insert(id, Partition::new(place, queue, start));
        Some(())
    }

    /// A partition has come that is not to be read.
    pub(super) fn refuse(&mut self, place: TopicPartition) {
        self.refused.push(place);
    }

    /// The partition, unless it was let go of.
    pub(super) fn get_mut(&mut self, id: AssignmentId) -> Option<&mut Partition> {
        self.held.get_mut(&id).filter(|partition| partition.stay != Stay::Released)
    }

    /// The partition, unless it was let go of.
    pub(super) fn get(&self, id: AssignmentId) -> Option<&Partition> {
        self.held.get(&id).filter(|partition| partition.stay != Stay::Released)
    }

    /// This partition, if it is owned now.
    pub(super) fn owned(&self, topic: &str, number: i32) -> Option<&Partition> {
        let is = |held: &&Partition| held.place.partition == number && *held.place.topic == *topic;
        self.held.values().filter(|held| held.stay == Stay::Owned).find(is)
    }

    /// Moves those of `places` (or all) that are not further already to `stay`, and tells which they were.
    pub(super) fn move_on(&mut self, places: Option<&[TopicPartition]>, stay: Stay) -> Vec<AssignmentId> {
        let mut moved = Vec::new();
        for (&id, held) in &mut self.held {
            if held.stay < stay && places.is_none_or(|places| places.contains(&held.place)) {
                held.stay = stay;
                moved.push(id);
            }
        }
        moved.sort();
        moved
    }

    /// The holder has let go of a partition.
    pub(super) fn release(&mut self, id: AssignmentId) {
        if let Some(held) = self.held.get_mut(&id).filter(|held| held.stay == Stay::Revoked) {
            held.stay = Stay::Released;
        }
    }

    /// Whether none of these (or of all) is in use any more.
    pub(super) fn all_released(&self, places: Option<&[TopicPartition]>) -> bool {
        let concerned = |held: &&Partition| places.is_none_or(|places| places.contains(&held.place));
        self.held.values().filter(concerned).all(|held| held.stay == Stay::Released)
    }

    /// What librdkafka was given to assign, and among `places` if any are named.
    pub(super) fn assigned(&self, places: Option<&[TopicPartition]>) -> Vec<TopicPartition> {
        let all = self.held.values().map(|held| &held.place).chain(&self.refused);
        all.filter(|place| places.is_none_or(|places| places.contains(place))).cloned().collect()
    }

    /// All that is assigned, with where its reading stands.
    pub(super) fn positions(&self) -> Vec<(TopicPartition, i64)> {
        self.held.values().map(|held| (held.place.clone(), held.next())).collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }

    /// Those that rest and are like this, let go of or not, each with where its reading stands.
    pub(super) fn resting(
        &self,
        is: impl Fn(AssignmentId, &TopicPartition) -> bool,
    ) -> Vec<(AssignmentId, TopicPartition, i64)> {
        let resting = self.held.iter().filter(|(id, held)| held.rests() && is(**id, &held.place));
        resting.map(|(&id, held)| (id, held.place.clone(), held.next())).collect()
    }

    /// One that rested is fetched again. What stands in its queue since then keeps the next record from being announced.
    pub(super) fn wake(&mut self, id: AssignmentId) {
        self.held.get_mut(&id).into_iter().for_each(Partition::wake);
        self.readable.mark(id);
    }

    /// Forgets partitions that librdkafka reads no longer, and frees what was read ahead.
    pub(super) fn remove(&mut self, places: &[TopicPartition]) {
        self.refused.retain(|place| !places.contains(place));
        let gone: Vec<_> = self.held.extract_if(|_, held| places.contains(&held.place)).collect();
        gone.into_iter().for_each(|(_, held)| held.discard());
    }

    /// Those that have something to read since the last call, each once. One that rests has nothing, whatever its queue says.
    pub(super) fn take_readable(&mut self) -> Vec<AssignmentId> {
        let mut ids = std::mem::take(&mut *self.readable.ids.lock().unwrap_or_else(PoisonError::into_inner));
        ids.sort();
        ids.dedup();
        ids.retain(|&id| self.held.get(&id).is_some_and(|held| held.stay == Stay::Owned && !held.rests()));
        ids
    }

    /// There is something to read, or a reason to look.
    pub(super) fn mark_readable(&self, id: AssignmentId) {
        self.readable.mark(id);
    }
}

impl Readable {
    /// Called under a queue's lock: nothing here may call librdkafka.
    fn mark(&self, id: AssignmentId) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).push(id);
        self.wake.wake();
    }
}
