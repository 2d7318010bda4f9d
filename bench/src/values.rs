//! Values such as applications write: JSON, which compresses to about a half. Of bytes that are all the same a fetch holds a hundred
//! times as many, and what is measured is how the client parses the next one.

use std::io::Write;

use fastrand::Rng;

/// Makes values of one length.
pub struct Values {
    random: Rng,
    bytes: usize,
    value: Vec<u8>,
}

impl Values {
    /// Values of so many bytes, the same ones in each run.
    pub fn new(bytes: usize) -> Self {
        Self { random: Rng::with_seed(1), bytes, value: Vec::with_capacity(bytes + 128) }
    }

    /// The next value, with this first byte instead of a brace if there is one.
    pub fn next(&mut self, first: Option<u8>) -> &[u8] {
        let Self { random, bytes, value } = self;
        value.clear();
        let (customer, cents) = (random.u64(..), random.u32(100..100_000));
        // Writing to memory does not fail.
        let _ = write!(value, r#"{{"customer":"{customer:016x}","cents":{cents},"currency":"EUR","text":""#);
        value.extend(std::iter::repeat_with(|| random.lowercase() as u8).take(bytes.saturating_sub(value.len())));
        value.truncate(*bytes);
        if let (Some(start), Some(first)) = (value.first_mut(), first) {
            *start = first;
        }
        value
    }
}
