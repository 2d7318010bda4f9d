//! Asking what topics are like: one question for all of them.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_char};
use std::ptr;
use std::slice;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode;
use rdkafka_sys as sys;

use super::client::{GroupClient, millis};
use super::list::error;
use super::queue::Queue;
use crate::record::{TopicName, TopicPartition};

/// The partitions of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Partitions {
    pub(in super::super) count: i32,
    pub(in super::super) led: i32,
    /// Replicas of the partition that has fewest.
    pub(in super::super) replication: i32,
}

/// How many partitions a topic has, how many of them have a leader, and their replicas; `None` if there is no such topic.
pub(in super::super) type Described = Result<Option<Partitions>, RDKafkaErrorCode>;

/// A partition that nobody leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Leaderless {
    topic: String,
    partition: i32,
}

impl Leaderless {
    /// Whether it is `place`.
    pub(in super::super) fn is(&self, place: &TopicPartition) -> bool {
        self.partition == place.partition && *self.topic == *place.topic
    }
}

impl GroupClient {
    /// Asks about topics, each named once; answers in their order.
    pub(in super::super) fn describe(
        &self,
        topics: &[&TopicName],
        time: Duration,
    ) -> Result<Vec<Described>, RDKafkaErrorCode> {
        let names: Result<Vec<_>, _> = topics.iter().map(|topic| CString::new(topic.as_str())).collect();
        let names = names.map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
        if names.is_empty() {
            return Ok(Vec::new());
        }
        // SAFETY: the client is valid; the queue is new, and gone before the client.
        let queue = unsafe { Queue::own(sys::rd_kafka_queue_new(self.raw())) }.ok_or(RDKafkaErrorCode::Fail)?;
        self.ask_about(&names, time, &queue);
        // The request has a limit of its own; this one only keeps a mistake from lasting for ever.
        let patience = millis(time.saturating_mul(2));
        // SAFETY: the queue is valid; the event is ours to destroy, once, after what is read from it was copied.
        let mut answers = unsafe {
            let event = sys::rd_kafka_queue_poll(queue.raw(), patience);
            if event.is_null() {
                return Err(RDKafkaErrorCode::OperationTimedOut);
            }
            let answers = read(event);
            sys::rd_kafka_event_destroy(event);
            answers?
        };
        let missing = Err(RDKafkaErrorCode::LeaderNotAvailable);
        Ok(topics.iter().map(|topic| answers.remove(topic.as_str()).unwrap_or(missing)).collect())
    }

    /// The partitions that nobody leads, of the topics that this client has to do with.
    pub(in super::super) fn leaderless(&self, time: Duration) -> Result<Vec<Leaderless>, RDKafkaErrorCode> {
        let mut metadata = ptr::null();
        // SAFETY: the client is valid; the answer is ours to destroy, once, after what is read from it was copied.
        unsafe {
            let code = sys::rd_kafka_metadata(self.raw(), 0, ptr::null_mut(), &mut metadata, millis(time));
            if let Some(code) = error(code) {
                return Err(code);
            }
            let topics = elements((*metadata).topics, (*metadata).topic_cnt).iter();
            let found = topics.flat_map(|topic| {
                let partitions = elements(topic.partitions, topic.partition_cnt).iter();
                let leaderless = partitions.filter(|partition| partition.leader < 0);
                leaderless.map(|partition| Leaderless {
                    topic: CStr::from_ptr(topic.topic).to_string_lossy().into_owned(),
                    partition: partition.id,
                })
            });
            let found = found.collect();
            sys::rd_kafka_metadata_destroy(metadata);
            Ok(found)
        }
    }

    /// Has the client know a topic's partitions; whether it does now.
    ///
    /// `Client::fetch_metadata` gives its handle on the topic back before it asks, and so asks about a topic that is gone.
    pub(in super::super) fn learn(&self, topic: &TopicName, time: Duration) -> bool {
        let Ok(name) = CString::new(topic.as_str()) else { return false };
        // SAFETY: client and name are valid. The handle on the topic is new, and given back once, after the question; so is the
        // answer, which nobody looks at.
        unsafe {
            let topic = sys::rd_kafka_topic_new(self.raw(), name.as_ptr(), ptr::null_mut());
            if topic.is_null() {
                return false;
            }
            let mut answer = ptr::null();
            let code = sys::rd_kafka_metadata(self.raw(), 0, topic, &mut answer, millis(time));
            if !answer.is_null() {
                sys::rd_kafka_metadata_destroy(answer);
            }
            sys::rd_kafka_topic_destroy(topic);
            error(code).is_none()
        }
    }

    /// Sends the question; the answer comes to the queue.
    fn ask_about(&self, names: &[CString], time: Duration, queue: &Queue) {
        let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
        let mut complaint = [0; 128];
        // SAFETY: client, queue and names are valid through the calls, and names are copied; options and collection are
        // made here and destroyed once. A time that is refused, which none is that fits, leaves the default.
        unsafe {
            let kind = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS;
            let options = sys::rd_kafka_AdminOptions_new(self.raw(), kind);
            sys::rd_kafka_AdminOptions_set_request_timeout(
                options,
                millis(time),
                complaint.as_mut_ptr(),
                complaint.len(),
            );
            let collection = sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len());
            sys::rd_kafka_DescribeTopics(self.raw(), collection, options, queue.raw());
            sys::rd_kafka_TopicCollection_destroy(collection);
            sys::rd_kafka_AdminOptions_destroy(options);
        }
    }
}

/// # Safety
/// `event` is a valid answer to a question about topics.
unsafe fn read(event: *mut sys::rd_kafka_event_t) -> Result<HashMap<String, Described>, RDKafkaErrorCode> {
    // SAFETY: by the caller's word; the list and the texts in it live as long as the event.
    unsafe {
        if let Some(code) = error(sys::rd_kafka_event_error(event)) {
            return Err(code);
        }
        let (result, mut count) = (sys::rd_kafka_event_DescribeTopics_result(event), 0);
        if result.is_null() {
            return Err(RDKafkaErrorCode::Fail);
        }
        let topics = list(sys::rd_kafka_DescribeTopics_result_topics(result, &mut count), count);
        let named = |&topic: &*const sys::rd_kafka_TopicDescription_t| {
            let name = CStr::from_ptr(sys::rd_kafka_TopicDescription_name(topic));
            (name.to_string_lossy().into_owned(), described(topic))
        };
        Ok(topics.iter().filter(|topic| !topic.is_null()).map(named).collect())
    }
}

/// # Safety
/// `topic` is a valid description.
unsafe fn described(topic: *const sys::rd_kafka_TopicDescription_t) -> Described {
    // SAFETY: by the caller's word; a topic without an error has a list of partitions, which lives as long as it does.
    unsafe {
        let trouble = sys::rd_kafka_TopicDescription_error(topic);
        match (!trouble.is_null()).then(|| error(sys::rd_kafka_error_code(trouble))).flatten() {
            None => {}
            Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => return Ok(None),
            Some(code) => return Err(code),
        }
        let mut count = 0;
        let partitions = list(sys::rd_kafka_TopicDescription_partitions(topic, &mut count), count);
        let has_leader = |partition: &*const _| !sys::rd_kafka_TopicPartitionInfo_leader(*partition).is_null();
        let led = partitions.iter().filter(|partition| has_leader(partition)).count();
        let replicas = |partition: &*const _| {
            let mut count = 0;
            sys::rd_kafka_TopicPartitionInfo_replicas(*partition, &mut count);
            count
        };
        let replication = partitions.iter().map(replicas).min().unwrap_or_default();
        let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
        let (count, led, replication) = (number(partitions.len()), number(led), number(replication));
        Ok(Some(Partitions { count, led, replication }))
    }
}

/// # Safety
/// `first` is null or points to so many pointers that live for `'a`.
unsafe fn list<'a, T>(first: *mut *const T, count: usize) -> &'a [*const T] {
    if first.is_null() || count == 0 {
        return &[];
    }
    // SAFETY: by the caller's word.
    unsafe { slice::from_raw_parts(ptr::from_ref(&*first), count) }
}

/// # Safety
/// `first` is null or points to so many elements that live for `'a`.
unsafe fn elements<'a, T>(first: *const T, count: i32) -> &'a [T] {
    match usize::try_from(count) {
        // SAFETY: by the caller's word.
        Ok(count) if !first.is_null() => unsafe { slice::from_raw_parts(first, count) },
        _ => &[],
    }
}
