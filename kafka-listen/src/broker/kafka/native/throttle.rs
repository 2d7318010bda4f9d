//! Quotas: how long brokers have held a client's requests up, as librdkafka tells it while a queue is polled.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::time::Duration;

use rdkafka_sys as sys;

thread_local! {
    /// The longest that was told to this thread since it was [taken](take), in milliseconds.
    static LONGEST: Cell<u64> = const { Cell::new(0) };
}

/// Asks to be told.
///
/// # Safety
/// `config` is a valid configuration.
pub(super) unsafe fn ask(config: *mut sys::rd_kafka_conf_t) {
    // SAFETY: by the caller's word.
    unsafe { sys::rd_kafka_conf_set_throttle_cb(config, Some(told)) }
}

/// How long a broker has held a request up, if this thread was told so while it polled.
pub(in super::super) fn take() -> Option<Duration> {
    Some(LONGEST.take()).filter(|millis| *millis > 0).map(Duration::from_millis)
}

/// librdkafka calls it in the thread that polls; 0 when it is over.
extern "C" fn told(_: *mut sys::rd_kafka_t, _: *const c_char, _: i32, millis: c_int, _: *mut c_void) {
    LONGEST.set(LONGEST.get().max(u64::try_from(millis).unwrap_or(0)));
}
