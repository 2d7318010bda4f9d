//! Which partition a record goes to: a wanted partition, a key and the partition count in, a partition out.
//!
//! The same answer as Kafka's Java client gives, so that a key stays on its partition whoever writes it. Never looks
//! at a log.

use crate::record::Wanted;

/// Where a record goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// To this partition.
    At(i32),
    /// To any: it has no key.
    Any,
    /// Nowhere: it was to go to this partition only, which the topic does not have.
    Missing(i32),
}

/// The partition that was wanted, else the one the key's hash names.
pub(super) fn place(wanted: Wanted, key: Option<&[u8]>, partitions: i32) -> Place {
    match (wanted, key) {
        (Wanted::Exactly(wanted) | Wanted::IfThere(wanted), _) if (0..partitions).contains(&wanted) => {
            Place::At(wanted)
        }
        (Wanted::Exactly(wanted), _) => Place::Missing(wanted),
        (_, Some(key)) => Place::At(by_key(key, partitions)),
        (_, None) => Place::Any,
    }
}

/// The partition of a key. The hash is made positive by cutting its sign off, not by negating it.
fn by_key(key: &[u8], partitions: i32) -> i32 {
    let positive = murmur2(key).cast_signed() & i32::MAX;
    positive % partitions
}

/// MurmurHash2, 32 bits, with the seed that Kafka's clients agreed on.
fn murmur2(data: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;

    let mut hash = SEED ^ data.len() as u32;
    let (words, rest) = data.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> R;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        for (place, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * place);
        }
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_java_client() {
        for (key, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
        }
    }

    #[test]
    fn a_wanted_partition_counts_if_the_topic_has_it() {
        for there in [Wanted::Exactly(2), Wanted::IfThere(2)] {
            assert_eq!(place(there, Some(b"21"), 3), Place::At(2), "{there:?}");
        }
        let by_hash = Place::At((-973_932_308_i32 & i32::MAX) % 3);
        for missing in [Wanted::IfThere(3), Wanted::IfThere(-1), Wanted::Any] {
            assert_eq!(place(missing, Some(b"21"), 3), by_hash, "{missing:?}");
        }
        assert_eq!(place(Wanted::Exactly(3), Some(b"21"), 3), Place::Missing(3));
    }

    #[test]
    fn an_empty_key_is_a_key_and_a_null_key_is_none() {
        assert!(matches!(place(Wanted::Any, Some(b""), 3), Place::At(_)));
        assert_eq!(place(Wanted::IfThere(7), None, 3), Place::Any);
    }
}
