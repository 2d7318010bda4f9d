//! Asking what a group has committed, of whatever topic.

use std::ffi::CString;
use std::ptr;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode;
use rdkafka_sys as sys;

use super::client::{GroupClient, millis};
use super::list::{Listed, copied, error};
use super::queue::Queue;

impl GroupClient {
    /// All that this group has committed, which need not be the client's own.
    pub(in super::super) fn committed_by(&self, group: &str, time: Duration) -> Result<Vec<Listed>, RDKafkaErrorCode> {
        let group = CString::new(group).map_err(|_| RDKafkaErrorCode::InvalidGroupId)?;
        // SAFETY: the client is valid; the queue is new, and gone before the client.
        let queue = unsafe { Queue::own(sys::rd_kafka_queue_new(self.raw())) }.ok_or(RDKafkaErrorCode::Fail)?;
        self.ask_for_commits(&group, time, &queue);
        // The request has a limit of its own; this one only keeps a mistake from lasting for ever.
        let patience = millis(time.saturating_mul(2));
        // SAFETY: the queue is valid; the event is ours to destroy, once, after what is read from it was copied.
        unsafe {
            let event = sys::rd_kafka_queue_poll(queue.raw(), patience);
            if event.is_null() {
                return Err(RDKafkaErrorCode::OperationTimedOut);
            }
            let answer = read(event);
            sys::rd_kafka_event_destroy(event);
            answer
        }
    }

    /// Sends the question; the answer comes to the queue.
    fn ask_for_commits(&self, group: &CString, time: Duration, queue: &Queue) {
        let mut complaint = [0; 128];
        // SAFETY: client, queue and name are valid through the calls, and the name is copied; options and question are made
        // here and destroyed once. No list of partitions stands for all. A time that is refused, which none is that fits,
        // leaves the default.
        unsafe {
            let kind = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS;
            let options = sys::rd_kafka_AdminOptions_new(self.raw(), kind);
            sys::rd_kafka_AdminOptions_set_request_timeout(
                options,
                millis(time),
                complaint.as_mut_ptr(),
                complaint.len(),
            );
            let mut question = sys::rd_kafka_ListConsumerGroupOffsets_new(group.as_ptr(), ptr::null());
            sys::rd_kafka_ListConsumerGroupOffsets(self.raw(), &mut question, 1, options, queue.raw());
            sys::rd_kafka_ListConsumerGroupOffsets_destroy(question);
            sys::rd_kafka_AdminOptions_destroy(options);
        }
    }
}

/// # Safety
/// `event` is a valid answer to a question about a group.
unsafe fn read(event: *mut sys::rd_kafka_event_t) -> Result<Vec<Listed>, RDKafkaErrorCode> {
    // SAFETY: by the caller's word; what is read lives as long as the event, and is copied.
    unsafe {
        if let Some(code) = error(sys::rd_kafka_event_error(event)) {
            return Err(code);
        }
        let (result, mut count) = (sys::rd_kafka_event_ListConsumerGroupOffsets_result(event), 0);
        if result.is_null() {
            return Err(RDKafkaErrorCode::Fail);
        }
        let groups = sys::rd_kafka_ListConsumerGroupOffsets_result_groups(result, &mut count);
        if groups.is_null() || count == 0 {
            return Err(RDKafkaErrorCode::Fail);
        }
        let group = *groups;
        let trouble = sys::rd_kafka_group_result_error(group);
        if let Some(code) = (!trouble.is_null()).then(|| error(sys::rd_kafka_error_code(trouble))).flatten() {
            return Err(code);
        }
        Ok(copied(sys::rd_kafka_group_result_partitions(group)))
    }
}
