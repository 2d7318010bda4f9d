//! Lists of partitions with offsets, in and out of librdkafka.

use rdkafka::error::RDKafkaErrorCode;
use rdkafka::{Offset, TopicPartitionList};
use rdkafka_sys as sys;
use std::ffi::CStr;

use crate::record::TopicPartition;

/// A partition in an answer of librdkafka.
#[derive(Clone, Debug)]
pub(in super::super) struct Listed {
    pub(in super::super) topic: String,
    pub(in super::super) partition: i32,
    pub(in super::super) offset: i64,
    pub(in super::super) error: Option<RDKafkaErrorCode>,
}

impl Listed {
    /// Whether this is about `place`.
    pub(in super::super) fn is(&self, place: &TopicPartition) -> bool {
        self.partition == place.partition && *self.topic == *place.topic
    }

    /// The offset, unless it is one of librdkafka's marks such as "none".
    pub(in super::super) fn known_offset(&self) -> Option<i64> {
        (self.error.is_none() && self.offset >= 0).then_some(self.offset)
    }
}

/// A list of partitions without offsets.
pub(in super::super) fn places<'a>(places: impl IntoIterator<Item = &'a TopicPartition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for place in places {
        list.add_partition(&place.topic, place.partition);
    }
    list
}

/// A list of partitions with offsets; negative ones are ListOffsets' marks, -2 for the first and -1 for the end.
pub(in super::super) fn offsets<'a>(
    offsets: impl IntoIterator<Item = (&'a TopicPartition, i64)>,
) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for (place, offset) in offsets {
        // Fails only for relative offsets, which nobody asks for.
        let _ = list.add_partition(&place.topic, place.partition).set_offset(Offset::from_raw(offset));
    }
    list
}

/// Copies a list.
pub(in super::super) fn listed(list: &TopicPartitionList) -> Vec<Listed> {
    // SAFETY: a `TopicPartitionList` holds a valid list for as long as it lives.
    unsafe { copied(list.ptr()) }
}

/// Copies a list that somebody else owns; a null list is an empty one.
///
/// # Safety
/// `list` is null or a valid list, and nobody changes it meanwhile.
pub(super) unsafe fn copied(list: *const sys::rd_kafka_topic_partition_list_t) -> Vec<Listed> {
    if list.is_null() {
        return Vec::new();
    }
    // SAFETY: by the caller's word the list is valid: `elems` holds `cnt` elements, each with a topic that is a C
    // string. An empty list may have no `elems` at all.
    unsafe {
        let count = usize::try_from((*list).cnt).unwrap_or(0);
        (0..count).map(|index| copy(&*(*list).elems.add(index))).collect()
    }
}

/// # Safety
/// `element` is an element of a valid list: its topic is a C string.
pub(super) unsafe fn copy(element: &sys::rd_kafka_topic_partition_t) -> Listed {
    // SAFETY: by the caller's word.
    let topic = unsafe { CStr::from_ptr(element.topic) }.to_string_lossy().into_owned();
    Listed { topic, partition: element.partition, offset: element.offset, error: error(element.err) }
}

/// An error code, unless it says "no error".
pub(super) fn error(code: sys::rd_kafka_resp_err_t) -> Option<RDKafkaErrorCode> {
    (code != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR).then(|| code.into())
}
