//! A member of a consumer group, or, without a group, one who only asks.
//!
//! Unlike the crate's own consumer it hands rebalances out as events, to be answered whenever the partitions can be
//! let go of, tells which partition an error is about, and tells when the group has been left.

use std::ffi::{CStr, CString};
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::client::Client;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaResult, RDKafkaErrorCode};
use rdkafka::{TopicPartitionList, error::KafkaError};
use rdkafka_sys as sys;
use sys::types::RDKafkaType;

use super::event::{Event, WANTED, take};
use super::list::{Listed, error, listed, offsets, places};
use super::queue::{PartitionQueue, Queue};
use super::throttle;
use crate::broker::kafka::logging::Logging;
use crate::record::{TopicName, TopicPartition};

/// A client that reads.
pub(in super::super) struct GroupClient {
    /// Before the client: fields are dropped in their order, and a queue must go first.
    events: Queue,
    client: Client<Logging>,
}

impl GroupClient {
    /// Makes one; `wake` is called, from any thread, when there are events.
    pub(in super::super) fn new(config: &ClientConfig, wake: impl Fn() + Send + Sync + 'static) -> KafkaResult<Self> {
        let native = config.create_native_config()?;
        // SAFETY: the configuration is valid until the client takes it over.
        unsafe {
            sys::rd_kafka_conf_set_events(native.ptr(), WANTED);
            throttle::ask(native.ptr());
        }
        let client = Client::new(config, native, RDKafkaType::RD_KAFKA_CONSUMER, Logging)?;
        // SAFETY: the client is valid. The handle is new, and stands before the client in the struct.
        let queue = unsafe {
            if config.get("group.id").is_some() {
                sys::rd_kafka_poll_set_consumer(client.native_ptr());
                Queue::own(sys::rd_kafka_queue_get_consumer(client.native_ptr()))
            } else {
                Queue::own(sys::rd_kafka_queue_get_main(client.native_ptr()))
            }
        };
        let mut events =
            queue.ok_or_else(|| KafkaError::ClientCreation("it has no queue for its events".to_owned()))?;
        events.on_readable(wake);
        Ok(Self { events, client })
    }

    pub(super) fn raw(&self) -> *mut sys::rd_kafka_t {
        self.client.native_ptr()
    }

    /// The next event, waited for at most `time`. Polling is also what keeps the membership (`max.poll.interval.ms`).
    pub(in super::super) fn poll(&self, time: Duration) -> Option<Event> {
        // SAFETY: the queue is valid; an event that it gives is ours.
        unsafe {
            let event = sys::rd_kafka_queue_poll(self.events.raw(), millis(time));
            (!event.is_null()).then(|| take(event))
        }
    }

    /// Whether events wait: a poll may come back empty although they do.
    pub(in super::super) fn has_events(&self) -> bool {
        self.events.len() > 0
    }

    /// The client's fatal error, after which it is of no more use.
    pub(in super::super) fn fatal(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.client.fatal_error()
    }

    /// Joins the group.
    pub(in super::super) fn subscribe<'a>(&self, topics: impl Iterator<Item = &'a str>) -> Result<(), String> {
        let mut list = TopicPartitionList::new();
        for topic in topics {
            list.add_topic_unassigned(topic);
        }
        // SAFETY: client and list are valid; the list is copied.
        checked(unsafe { sys::rd_kafka_subscribe(self.raw(), list.ptr()) }).map_err(|code| code.to_string())
    }

    /// Whether assignments are changes of what is held, not the whole of it.
    pub(in super::super) fn is_cooperative(&self) -> bool {
        // SAFETY: the client is valid; the answer is null or a text that is never freed.
        unsafe {
            let protocol = sys::rd_kafka_rebalance_protocol(self.raw());
            !protocol.is_null() && CStr::from_ptr(protocol) == c"COOPERATIVE"
        }
    }

    /// Whether what is being revoked may be somebody else's already.
    pub(in super::super) fn is_lost(&self) -> bool {
        // SAFETY: the client is valid.
        unsafe { sys::rd_kafka_assignment_lost(self.raw()) == 1 }
    }

    /// Replaces all that is assigned.
    pub(in super::super) fn assign<'a>(
        &self,
        starts: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
    ) -> Result<(), String> {
        // SAFETY: client and list are valid; the list is copied.
        checked(unsafe { sys::rd_kafka_assign(self.raw(), offsets(starts).ptr()) }).map_err(|code| code.to_string())
    }

    /// Lets go of all that is assigned. Not to be called when the client is closed: the call would wait for ever. As an
    /// answer it is safe, since an answer that is owed keeps the client from closing.
    pub(in super::super) fn unassign(&self) -> Result<(), String> {
        // SAFETY: the client is valid; null stands for nothing.
        checked(unsafe { sys::rd_kafka_assign(self.raw(), ptr::null()) }).map_err(|code| code.to_string())
    }

    /// Adds to what is assigned.
    pub(in super::super) fn add<'a>(
        &self,
        starts: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
    ) -> Result<(), String> {
        // SAFETY: client and list are valid; the list is copied, the answer is ours.
        unsafe { explained(sys::rd_kafka_incremental_assign(self.raw(), offsets(starts).ptr())) }
    }

    /// Takes away from what is assigned.
    pub(in super::super) fn remove<'a>(
        &self,
        gone: impl IntoIterator<Item = &'a TopicPartition>,
    ) -> Result<(), String> {
        // SAFETY: client and list are valid; the list is copied, the answer is ours.
        unsafe { explained(sys::rd_kafka_incremental_unassign(self.raw(), places(gone).ptr())) }
    }

    /// Cuts a partition's queue off from the client's, and has `call` called when there is something in it. To be done
    /// before each assignment: a topic that was created anew has new partitions.
    pub(in super::super) fn partition(
        self: &Arc<Self>,
        place: &TopicPartition,
        call: impl Fn() + Send + Sync + 'static,
    ) -> Option<PartitionQueue> {
        let topic = CString::new(place.topic.as_str()).ok()?;
        // SAFETY: client and text are valid. The handle is new and is kept together with the client.
        let mut queue = unsafe {
            let queue = Queue::own(sys::rd_kafka_queue_get_partition(self.raw(), topic.as_ptr(), place.partition))?;
            sys::rd_kafka_queue_forward(queue.raw(), ptr::null_mut());
            queue
        };
        queue.on_readable(call);
        Some(PartitionQueue::new(queue, Arc::clone(self)))
    }

    /// Sends a commit; its answer is an event with the same number. (`rd_kafka_commit` would answer only to a callback
    /// in the configuration.)
    pub(in super::super) fn commit<'a>(
        &self,
        next: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
        number: usize,
    ) -> Result<(), RDKafkaErrorCode> {
        let number = ptr::without_provenance_mut(number);
        // SAFETY: client, list and queue are valid; the list is copied. The number is handed back and never followed.
        checked(unsafe { sys::rd_kafka_commit_queue(self.raw(), offsets(next).ptr(), self.events.raw(), None, number) })
    }

    /// Asks the group for what it has committed.
    pub(in super::super) fn committed<'a>(
        &self,
        of: impl IntoIterator<Item = &'a TopicPartition>,
        time: Duration,
    ) -> Result<Vec<Listed>, RDKafkaErrorCode> {
        let list = places(of);
        // SAFETY: client and list are valid; the list is ours alone and is written to.
        checked(unsafe { sys::rd_kafka_committed(self.raw(), list.ptr(), millis(time)) })?;
        Ok(listed(&list))
    }

    /// Asks the partitions' leaders for offsets by time; -2 stands for the first offset and -1 for the end.
    pub(in super::super) fn offsets_at<'a>(
        &self,
        of: impl IntoIterator<Item = &'a TopicPartition>,
        at: i64,
        time: Duration,
    ) -> Result<Vec<Listed>, RDKafkaErrorCode> {
        let list = offsets(of.into_iter().map(|place| (place, at)));
        // SAFETY: client and list are valid; the list is ours alone and is written to.
        checked(unsafe { sys::rd_kafka_offsets_for_times(self.raw(), list.ptr(), millis(time)) })?;
        Ok(listed(&list))
    }

    /// The offset after what was last read, control records included; none before the first.
    pub(in super::super) fn position(&self, place: &TopicPartition) -> Option<i64> {
        let list = places([place]);
        // SAFETY: client and list are valid; the list is ours alone and is written to.
        checked(unsafe { sys::rd_kafka_position(self.raw(), list.ptr()) }).ok()?;
        listed(&list).first()?.known_offset()
    }

    /// Goes on reading at this offset, soon.
    pub(in super::super) fn seek(&self, place: &TopicPartition, offset: i64) -> Result<(), String> {
        // SAFETY: client and list are valid; the list is ours alone, the answer too. Without time it is not waited for.
        unsafe { explained(sys::rd_kafka_seek_partitions(self.raw(), offsets([(place, offset)]).ptr(), 0)) }
    }

    /// Asks for nothing that needs a right.
    pub(in super::super) fn reach(&self, time: Duration) -> KafkaResult<()> {
        let name = self.client.fetch_cluster_id(time);
        name.map(drop).ok_or(KafkaError::MetadataFetch(RDKafkaErrorCode::BrokerTransportFailure))
    }

    /// The names of all topics that may be seen, sorted.
    pub(in super::super) fn topics(&self, time: Duration) -> KafkaResult<Vec<TopicName>> {
        let metadata = self.client.fetch_metadata(None, time)?;
        let mut names: Vec<_> = metadata.topics().iter().filter_map(|it| TopicName::new(it.name()).ok()).collect();
        names.sort();
        Ok(names)
    }

    /// Wants no topics any more: what is assigned is revoked, then the group is left.
    pub(in super::super) fn unsubscribe(&self) {
        // SAFETY: the client is valid. It fails only for one without a group.
        unsafe { sys::rd_kafka_unsubscribe(self.raw()) };
    }

    /// Whether the group knows this member, as far as the client can tell. Not to be asked when it is closed: the
    /// question would wait for ever.
    pub(in super::super) fn is_member(&self) -> bool {
        // SAFETY: the client is valid; the answer is null or a text that is ours to free, once, after it was read.
        unsafe {
            let id = sys::rd_kafka_memberid(self.raw());
            if id.is_null() {
                return false;
            }
            let is_member = !CStr::from_ptr(id).is_empty();
            sys::rd_kafka_mem_free(self.raw(), id.cast());
            is_member
        }
    }

    /// Ends the membership; go on polling and answering until [`is_closed`](Self::is_closed). Fails if it was
    /// left before.
    pub(in super::super) fn close(&self) -> Result<(), String> {
        // SAFETY: client and queue are valid, the answer is ours.
        unsafe { explained(sys::rd_kafka_consumer_close_queue(self.raw(), self.events.raw())) }
    }

    /// Whether the group has been left.
    pub(in super::super) fn is_closed(&self) -> bool {
        // SAFETY: the client is valid.
        unsafe { sys::rd_kafka_consumer_closed(self.raw()) == 1 }
    }
}

pub(super) fn checked(code: sys::rd_kafka_resp_err_t) -> Result<(), RDKafkaErrorCode> {
    error(code).map_or(Ok(()), Err)
}

/// # Safety
/// `error` is null or an error object that is given to nobody else.
pub(super) unsafe fn explained(error: *mut sys::rd_kafka_error_t) -> Result<(), String> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: by the caller's word; the text is copied before the object is destroyed, once.
    unsafe {
        let text = CStr::from_ptr(sys::rd_kafka_error_string(error)).to_string_lossy().into_owned();
        sys::rd_kafka_error_destroy(error);
        Err(text)
    }
}

pub(super) fn millis(time: Duration) -> i32 {
    i32::try_from(time.as_millis()).unwrap_or(i32::MAX)
}
