//! Handing a record to the producer: header names as bytes, key and value without a copy, the outcome as librdkafka
//! knows it.

use std::ffi::{CString, c_void};
use std::ptr;

use rdkafka::error::RDKafkaErrorCode;
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::{BaseProducer, Producer, ProducerContext};
use rdkafka_sys as sys;
use sys::rd_kafka_vtype_t as kind;

use super::list::error;
use crate::record::{Body, Outgoing, Packed};

/// Lets the key choose the partition.
pub(in super::super) const ANY: i32 = -1;

/// The offset of a record that no broker has answered for.
pub(in super::super) const NO_OFFSET: i64 = sys::RD_KAFKA_OFFSET_INVALID as i64;

/// Hands the record of `ticket` over; the delivery report brings the ticket back. On an error it comes back at once.
pub(in super::super) fn produce<T, C>(
    producer: &BaseProducer<C>,
    ticket: Box<T>,
    partition: i32,
) -> Result<(), (RDKafkaErrorCode, Box<T>)>
where
    T: AsRef<Outgoing> + Send + Sync,
    C: ProducerContext<DeliveryOpaque = Box<T>>,
{
    let ticket = Box::into_raw(ticket);
    // SAFETY: the producer is valid. The ticket is nobody's but librdkafka's until it comes back: after an error here,
    // else with the report, as the type that its context makes of it. Until then its record stays as it is.
    unsafe {
        let answer = produce_raw(producer.client().native_ptr(), (*ticket).as_ref(), partition, ticket.cast());
        answer.map_err(|code| (code, Box::from_raw(ticket)))
    }
}

/// # Safety
/// `producer` is a valid producer. `record` stays as it is until the delivery report that carries `ticket`, or an
/// error here.
unsafe fn produce_raw(
    producer: *mut sys::rd_kafka_t,
    record: &Outgoing,
    partition: i32,
    ticket: *mut c_void,
) -> Result<(), RDKafkaErrorCode> {
    let topic = CString::new(record.topic.as_str()).map_err(|_| RDKafkaErrorCode::InvalidTopic)?;
    let mut arguments = [
        argument(kind::RD_KAFKA_VTYPE_TOPIC, |u| u.cstr = topic.as_ptr()),
        argument(kind::RD_KAFKA_VTYPE_PARTITION, |u| u.i32_ = partition),
        argument(kind::RD_KAFKA_VTYPE_VALUE, |u| u.mem = memory(record.body.value())),
        argument(kind::RD_KAFKA_VTYPE_KEY, |u| u.mem = memory(record.body.key())),
        argument(kind::RD_KAFKA_VTYPE_TIMESTAMP, |u| u.i64_ = record.timestamp.map_or(0, |time| time.as_millis())),
        argument(kind::RD_KAFKA_VTYPE_OPAQUE, |u| u.ptr = ticket),
        argument(kind::RD_KAFKA_VTYPE_HEADERS, |u| u.headers = ptr::null_mut()),
    ];
    // SAFETY: the arguments are of the types that their kinds ask for, and what they point to lives through the call;
    // the value until the report, by the caller's word. The list of headers goes over to librdkafka if all went well,
    // else it is still ours.
    unsafe {
        let headers = headers(&record.body);
        let count = if headers.is_null() { arguments.len() - 1 } else { arguments.len() };
        arguments[6].u.headers = headers;
        let answer = sys::rd_kafka_produceva(producer, arguments.as_ptr(), count);
        if answer.is_null() {
            return Ok(());
        }
        let code = sys::rd_kafka_error_code(answer);
        let fatal = sys::rd_kafka_error_is_fatal(answer) == 1;
        sys::rd_kafka_error_destroy(answer);
        if !headers.is_null() {
            sys::rd_kafka_headers_destroy(headers);
        }
        // A client that has failed for good answers with the reason it once had.
        Err(if fatal { RDKafkaErrorCode::Fatal } else { error(code).unwrap_or(RDKafkaErrorCode::Fail) })
    }
}

/// What is known of a record whose delivery failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Fate {
    /// It was not written.
    NotWritten,
    /// It may have been.
    Unknown,
}

/// What became of a record whose delivery failed.
pub(in super::super) fn fate(report: &BorrowedMessage<'_>) -> Fate {
    // SAFETY: the report is borrowed, so it is valid.
    match unsafe { sys::rd_kafka_message_status(report.ptr()) } {
        sys::rd_kafka_msg_status_t::RD_KAFKA_MSG_STATUS_NOT_PERSISTED => Fate::NotWritten,
        _ => Fate::Unknown,
    }
}

fn argument(
    vtype: sys::rd_kafka_vtype_t,
    set: impl FnOnce(&mut sys::rd_kafka_vu_s__bindgen_ty_1),
) -> sys::rd_kafka_vu_t {
    let mut u = sys::rd_kafka_vu_s__bindgen_ty_1 { _pad: [0; 64] };
    set(&mut u);
    sys::rd_kafka_vu_t { vtype, u }
}

/// Null for null; an empty value has an address.
fn memory(bytes: Option<&[u8]>) -> sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 {
    let ptr = bytes.map_or(ptr::null_mut(), |bytes| bytes.as_ptr().cast_mut().cast());
    sys::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 { ptr, size: bytes.map_or(0, <[u8]>::len) }
}

/// A list of headers, null if there are none.
///
/// # Safety
/// Whoever receives it destroys it.
unsafe fn headers(body: &Packed) -> *mut sys::rd_kafka_headers_t {
    if body.header_count() == 0 {
        return ptr::null_mut();
    }
    // SAFETY: the list is valid, and each name and value is copied with its length.
    unsafe {
        let list = sys::rd_kafka_headers_new(body.header_count());
        for header in body.headers().iter() {
            let value = memory(header.value);
            let (name, len) = (header.name.as_ptr().cast(), header.name.len());
            // A length of -1 would ask for the length of a C string; no slice is as long as that.
            sys::rd_kafka_header_add(list, name, len.cast_signed(), value.ptr, value.size.cast_signed());
        }
        list
    }
}

/// Makes a producer fail for good, as the broker's answer to a record could.
#[cfg(test)]
pub(in super::super) fn break_down<C: ProducerContext>(producer: &BaseProducer<C>) {
    let code = sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    // SAFETY: the producer is valid, the reason is a C string and copied.
    unsafe { sys::rd_kafka_test_fatal_error(producer.client().native_ptr(), code, c"broken by a test".as_ptr()) };
}
