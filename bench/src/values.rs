//! Values such as applications write: JSON, which compresses to about a half. Of bytes that are all the same a fetch holds a hundred
//! times as many, and what is measured is how the client parses the next one.

use std::io::Write;

use fastrand::Rng;

/// Values of one length, made beforehand: how fast they are written is measured.
pub struct Values {
    all: Vec<Vec<u8>>,
    given: usize,
}

impl Values {
    /// So many that they do not come again within what a compressor looks back at.
    const DIFFERENT: usize = 4096;

    /// Values of so many bytes, the same ones in each run.
    pub fn new(bytes: usize) -> Self {
        let mut random = Rng::with_seed(1);
        Self { all: (0..Self::DIFFERENT).map(|_| value(&mut random, bytes)).collect(), given: 0 }
    }

    /// The next value, with this first byte instead of a brace if there is one.
    pub fn next(&mut self, first: Option<u8>) -> &[u8] {
        let value = &mut self.all[self.given % Self::DIFFERENT];
        self.given += 1;
        if let Some(start) = value.first_mut() {
            *start = first.unwrap_or(b'{');
        }
        value
    }
}

fn value(random: &mut Rng, bytes: usize) -> Vec<u8> {
    let mut value = Vec::with_capacity(bytes + 128);
    let (customer, cents) = (random.u64(..), random.u32(100..100_000));
    // Writing to memory does not fail.
    let _ = write!(value, r#"{{"customer":"{customer:016x}","cents":{cents},"currency":"EUR","text":""#);
    value.extend(std::iter::repeat_with(|| random.lowercase() as u8).take(bytes.saturating_sub(value.len())));
    value.truncate(bytes);
    value
}
