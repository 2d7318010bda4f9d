//! What a client's own queue tells: rebalances, answers to commits, errors. Logs go straight on.

use std::ffi::CStr;
use std::ptr;

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::RDKafkaErrorCode;
use rdkafka_sys as sys;

use super::list::{Listed, copied, copy, error};
use crate::broker::kafka::logging;

/// The kinds of events that a group member wants.
pub(super) const WANTED: i32 = sys::RD_KAFKA_EVENT_REBALANCE
    | sys::RD_KAFKA_EVENT_OFFSET_COMMIT
    | sys::RD_KAFKA_EVENT_ERROR
    | sys::RD_KAFKA_EVENT_STATS;

/// Something happened.
#[derive(Debug)]
pub(in super::super) enum Event {
    /// These partitions are to be assigned; the group waits for the answer.
    Assign(Vec<Listed>),
    /// These are to be unassigned; the group waits for the answer.
    Revoke(Vec<Listed>),
    /// The commit of this number was answered.
    Committed { number: usize, offsets: Vec<Listed>, error: Option<RDKafkaErrorCode> },
    /// Something is wrong.
    Failed { code: RDKafkaErrorCode, fatal: bool, reason: String, about: Option<Listed> },
    /// A record of this partition came where none belongs, and is dropped: it has to be read again.
    Stray(Listed),
    /// Nothing that matters here.
    Other,
}

/// Reads an event and destroys it.
///
/// # Safety
/// `raw` is an event that was taken from a queue and is given to nobody else.
pub(super) unsafe fn take(raw: *mut sys::rd_kafka_event_t) -> Event {
    // SAFETY: by the caller's word the event is valid; what is read from it is copied before it is destroyed, once.
    unsafe {
        let event = read(raw);
        sys::rd_kafka_event_destroy(raw);
        event
    }
}

/// # Safety
/// `raw` is a valid event.
unsafe fn read(raw: *mut sys::rd_kafka_event_t) -> Event {
    // SAFETY: each accessor is used for the kind of event it is made for; texts are C strings and lists are valid as
    // long as the event is.
    unsafe {
        match sys::rd_kafka_event_type(raw) {
            sys::RD_KAFKA_EVENT_REBALANCE => {
                let partitions = copied(sys::rd_kafka_event_topic_partition_list(raw));
                match sys::rd_kafka_event_error(raw) {
                    sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS => Event::Assign(partitions),
                    _ => Event::Revoke(partitions),
                }
            }
            sys::RD_KAFKA_EVENT_OFFSET_COMMIT => Event::Committed {
                number: sys::rd_kafka_event_opaque(raw).addr(),
                offsets: copied(sys::rd_kafka_event_topic_partition_list(raw)),
                error: error(sys::rd_kafka_event_error(raw)),
            },
            sys::RD_KAFKA_EVENT_ERROR => Event::Failed {
                code: sys::rd_kafka_event_error(raw).into(),
                fatal: sys::rd_kafka_event_error_is_fatal(raw) != 0,
                reason: text(sys::rd_kafka_event_error_string(raw)),
                about: about(raw),
            },
            sys::RD_KAFKA_EVENT_FETCH => stray(sys::rd_kafka_event_message_next(raw)),
            sys::RD_KAFKA_EVENT_LOG => {
                log(raw);
                Event::Other
            }
            sys::RD_KAFKA_EVENT_STATS => {
                logging::stats(text(sys::rd_kafka_event_stats(raw)).as_bytes());
                Event::Other
            }
            _ => Event::Other,
        }
    }
}

/// # Safety
/// `raw` is a valid event.
unsafe fn about(raw: *mut sys::rd_kafka_event_t) -> Option<Listed> {
    // SAFETY: the accessor gives null or a partition that is ours to destroy.
    unsafe {
        let partition = sys::rd_kafka_event_topic_partition(raw);
        if partition.is_null() {
            return None;
        }
        let copy = copy(&*partition);
        sys::rd_kafka_topic_partition_destroy(partition);
        Some(copy)
    }
}

/// # Safety
/// `message` is null or a valid message.
unsafe fn stray(message: *const sys::rd_kafka_message_t) -> Event {
    // SAFETY: by the caller's word; a message has a topic unless it is an error about none.
    unsafe {
        if message.is_null() || (*message).rkt.is_null() {
            return Event::Other;
        }
        let (partition, offset) = ((*message).partition, (*message).offset);
        let topic = text(sys::rd_kafka_topic_name((*message).rkt));
        Event::Stray(Listed { topic, partition, offset, error: error((*message).err) })
    }
}

/// # Safety
/// `raw` is a valid log event.
unsafe fn log(raw: *mut sys::rd_kafka_event_t) {
    let (mut facility, mut message, mut level) = (ptr::null(), ptr::null(), 0);
    // SAFETY: on success the texts are C strings that live as long as the event.
    unsafe {
        if sys::rd_kafka_event_log(raw, &mut facility, &mut message, &mut level) == 0 {
            logging::log(log_level(level), text(facility).trim(), text(message).trim());
        }
    }
}

/// syslog's levels.
fn log_level(level: i32) -> RDKafkaLogLevel {
    match level {
        ..=0 => RDKafkaLogLevel::Emerg,
        1 => RDKafkaLogLevel::Alert,
        2 => RDKafkaLogLevel::Critical,
        3 => RDKafkaLogLevel::Error,
        4 => RDKafkaLogLevel::Warning,
        5 => RDKafkaLogLevel::Notice,
        6 => RDKafkaLogLevel::Info,
        7.. => RDKafkaLogLevel::Debug,
    }
}

/// # Safety
/// `text` is null or a C string.
unsafe fn text(text: *const std::ffi::c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: by the caller's word.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
