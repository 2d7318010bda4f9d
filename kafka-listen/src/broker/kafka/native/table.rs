//! librdkafka's own list of its properties, as the text it prints about itself.

use std::ffi::c_char;

use rdkafka_sys as sys;

/// The table of properties, one a line, its columns between `|`.
pub(in super::super) fn table() -> Option<String> {
    // SAFETY: `tmpfile` gives an open file or null, which is looked at. librdkafka only writes to it. Reading goes
    // through the same handle into a buffer of the stated size, and the handle is closed once, after its last use.
    unsafe {
        let file = libc::tmpfile();
        if file.is_null() {
            return None;
        }
        sys::rd_kafka_conf_properties_show(file);
        let size = usize::try_from(libc::ftell(file)).unwrap_or(0);
        libc::rewind(file);
        let mut text = vec![0_u8; size];
        let read = libc::fread(text.as_mut_ptr().cast::<c_char>().cast(), 1, size, file);
        libc::fclose(file);
        text.truncate(read);
        String::from_utf8(text).ok()
    }
}
