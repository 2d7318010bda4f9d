//! Headers as librdkafka itself writes and reads them: its client for Rust refuses names that are no text.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use rdkafka::message::BorrowedMessage;
use rdkafka::producer::{BaseProducer, Producer as _};
use rdkafka_sys as sys;

use super::support::PATIENCE;

/// The headers of a message with their names as bytes: the client's own type takes names for UTF-8.
pub fn raw_headers(message: &BorrowedMessage<'_>) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let mut headers = ptr::null_mut();
    // SAFETY: the message outlives the call, and its headers live as long as it does.
    if unsafe { sys::rd_kafka_message_headers(message.ptr(), &mut headers) }
        != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR
    {
        return Vec::new();
    }
    let read = |index| {
        let (mut name, mut value, mut size) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the out pointers are valid, and what they are set to lives as long as the headers.
        unsafe {
            let found = sys::rd_kafka_header_get_all(headers, index, &mut name, &mut value, &mut size);
            if found != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                return None;
            }
            let value = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size).to_vec());
            Some((CStr::from_ptr(name).to_bytes().to_vec(), value))
        }
    };
    (0..).map_while(read).collect()
}

/// Writes one record with headers of any bytes.
pub fn produce_raw(producer: &BaseProducer, topic: &str, key: &[u8], value: &[u8], headers: &[(&[u8], Option<&[u8]>)]) {
    let name = CString::new(topic).unwrap();
    // SAFETY: every pointer is valid for the call; the payload is copied, and the headers are handed over.
    let error = unsafe {
        let list = sys::rd_kafka_headers_new(headers.len());
        for (name, value) in headers {
            let (pointer, size) =
                value.map_or((ptr::null(), -1), |value| (value.as_ptr().cast::<c_void>(), value.len() as isize));
            sys::rd_kafka_header_add(list, name.as_ptr().cast::<c_char>(), name.len() as isize, pointer, size);
        }
        use sys::rd_kafka_vtype_t as vtype;
        sys::rd_kafka_producev(
            producer.client().native_ptr(),
            vtype::RD_KAFKA_VTYPE_TOPIC,
            name.as_ptr(),
            vtype::RD_KAFKA_VTYPE_MSGFLAGS,
            sys::RD_KAFKA_MSG_F_COPY,
            vtype::RD_KAFKA_VTYPE_KEY,
            key.as_ptr().cast::<c_void>(),
            key.len(),
            vtype::RD_KAFKA_VTYPE_VALUE,
            value.as_ptr().cast::<c_void>(),
            value.len(),
            vtype::RD_KAFKA_VTYPE_HEADERS,
            list,
            vtype::RD_KAFKA_VTYPE_END,
        )
    };
    assert_eq!(error, sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR);
    producer.flush(PATIENCE).unwrap();
}
