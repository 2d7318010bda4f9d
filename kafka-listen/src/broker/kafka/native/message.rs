//! A record that was fetched, in the memory in which librdkafka received it.

use std::ffi::CStr;
use std::ops::Deref;
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::OnceLock;

use rdkafka::error::RDKafkaErrorCode;
use rdkafka_sys as sys;

use super::list::error;
use crate::clock::Timestamp;
use crate::record::{Batch, Body, Header, HeaderIter, Packing, Pieces, RecordTime, TimestampType};

/// A message taken from a partition's queue. It owns its memory, which it shares with the other messages of the same
/// fetch, and may outlive its consumer: librdkafka's client cannot be destroyed before its last message.
pub(in super::super) struct Message {
    raw: NonNull<sys::rd_kafka_message_t>,
    /// Name and value of each header.
    headers: OnceLock<Pieces>,
}

// SAFETY: a message that was taken from its queue belongs to its holder alone: librdkafka does not touch it again, and
// what it shares with others (the fetch's buffer, topic and partition) is counted atomically, so that it may be
// destroyed in any thread. Nothing of it changes after it was taken but the headers, which librdkafka parses and gives
// away at the only call for them, which stands in a `OnceLock`.
unsafe impl Send for Message {}
// SAFETY: as above.
unsafe impl Sync for Message {}

impl Message {
    /// # Safety
    /// `raw` came from a queue and was given to nobody else.
    pub(super) unsafe fn own(raw: NonNull<sys::rd_kafka_message_t>) -> Self {
        Self { raw, headers: OnceLock::new() }
    }

    fn raw(&self) -> &sys::rd_kafka_message_t {
        // SAFETY: valid until `drop`, and nobody writes to it.
        unsafe { self.raw.as_ref() }
    }

    /// The error that stands in the place of a record, with its text.
    #[inline]
    pub(in super::super) fn error(&self) -> Option<(RDKafkaErrorCode, String)> {
        let code = error(self.raw().err)?;
        let text = Body::value(self).map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
        Some((code, text))
    }

    /// Its offset; negative in errors that have none.
    pub(in super::super) fn offset(&self) -> i64 {
        self.raw().offset
    }

    /// Bytes of key and value.
    pub(in super::super) fn size(&self) -> usize {
        self.raw().key_len + self.raw().len
    }

    /// Its timestamp.
    pub(in super::super) fn time(&self) -> RecordTime {
        let mut kind = sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        // SAFETY: the message is valid, `kind` is written to.
        let millis = unsafe { sys::rd_kafka_message_timestamp(self.raw.as_ptr(), &mut kind) };
        let kind = match kind {
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE => TimestampType::NotAvailable,
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_CREATE_TIME => TimestampType::CreateTime,
            sys::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME => TimestampType::LogAppendTime,
        };
        RecordTime { kind, at: Timestamp::from_millis(millis) }
    }

    /// librdkafka parses a list with a piece of memory for each header. It is freed at once, so that the next message's list
    /// finds the same memory: thousands of lists, freed later, would cost many times as much.
    fn parsed(&self) -> &Pieces {
        self.headers.get_or_init(|| {
            let mut list = ptr::null_mut();
            // SAFETY: the message is valid; in one thread at a time it parses its headers and gives the list away. What is
            // read of the list is copied before it is destroyed, once.
            unsafe {
                let answer = sys::rd_kafka_message_detach_headers(self.raw.as_ptr(), &mut list);
                if error(answer).is_some() {
                    return Pieces::default();
                }
                let mut headers = Vec::with_capacity(sys::rd_kafka_header_cnt(list));
                headers.extend((0..).map_while(|index| header(list, index)));
                let mut copy = Packing::new(2 * headers.len(), headers.iter().map(Header::size).sum());
                for header in headers {
                    copy.push(Some(header.name));
                    copy.push(header.value);
                }
                sys::rd_kafka_headers_destroy(list);
                copy.done()
            }
        })
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: owned, and used by nobody any more.
        unsafe { sys::rd_kafka_message_destroy(self.raw.as_ptr()) }
    }
}

impl Body for Message {
    fn key(&self) -> Option<&[u8]> {
        // SAFETY: the message's own key.
        unsafe { bytes(self.raw().key.cast(), self.raw().key_len) }
    }

    fn value(&self) -> Option<&[u8]> {
        // SAFETY: the message's own value.
        unsafe { bytes(self.raw().payload.cast(), self.raw().len) }
    }

    fn memory(&self) -> usize {
        // What librdkafka keeps beside the bytes of a message that was fetched.
        const FETCHED: usize = 400;
        self.size() + FETCHED
    }

    fn headers(&self) -> HeaderIter<'_> {
        HeaderIter::from(self.parsed().from(0))
    }
}

/// Name and value of a header. A name ends at its first NUL byte, should it have one: librdkafka gives it as a C string.
///
/// # Safety
/// `list` is a valid list that lives for `'a`.
unsafe fn header<'a>(list: *const sys::rd_kafka_headers_t, index: usize) -> Option<Header<'a>> {
    let (mut name, mut value, mut size) = (ptr::null(), ptr::null(), 0);
    // SAFETY: by the caller's word; an index beyond the end is an error, and a name is a C string.
    unsafe {
        let answer = sys::rd_kafka_header_get_all(list, index, &mut name, &mut value, &mut size);
        error(answer)
            .is_none()
            .then(|| Header { name: CStr::from_ptr(name).to_bytes(), value: bytes(value.cast(), size) })
    }
}

/// Messages that were read together. One that is not finished keeps all of them in memory, so they are few: at most
/// [`MOST`](Self::MOST), and fewer of large ones.
#[derive(Default)]
pub(in super::super) struct Messages(Vec<Message>);

impl Messages {
    /// As many as pay for the locks of a read.
    pub(in super::super) const MOST: usize = 64;
    const BYTES: usize = 256 << 10;

    /// These, at most so many: a list that grows is copied again and again.
    pub(super) fn of(messages: impl Iterator<Item = Message>, most: usize) -> Self {
        let mut list = Vec::with_capacity(most);
        list.extend(messages);
        Self(list)
    }

    /// How many to read next, should they be as large as these.
    pub(in super::super) fn alike(&self) -> usize {
        let bytes: usize = self.iter().map(Message::size).sum();
        (Self::BYTES * self.len()).checked_div(bytes).unwrap_or(Self::MOST).clamp(1, Self::MOST)
    }
}

impl Deref for Messages {
    type Target = [Message];

    fn deref(&self) -> &[Message] {
        &self.0
    }
}

impl Batch for Messages {
    fn body(&self, place: usize) -> &dyn Body {
        &self.0[place]
    }
}

/// # Safety
/// `start` is null or the start of `len` bytes that live for `'a` and do not change.
unsafe fn bytes<'a>(start: *const u8, len: usize) -> Option<&'a [u8]> {
    // SAFETY: by the caller's word.
    (!start.is_null()).then(|| unsafe { slice::from_raw_parts(start, len) })
}
