//! Where between its bounds a jittered delay falls: by chance, but the same chance for the same seed and record, so
//! that a simulated run can be repeated.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::record::TopicPartition;

/// Draws a number for each record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Draw {
    /// What makes one process differ from another.
    pub(crate) seed: u64,
}

impl Draw {
    /// A number from 0 to 1 for the record at this place.
    pub(crate) fn of(self, partition: &TopicPartition, offset: i64) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, partition, offset).hash(&mut hasher);
        // 53 bits are what an f64 holds exactly.
        (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TopicName;

    #[test]
    fn draws_fill_the_range_evenly_and_can_be_repeated() {
        let draw = |seed, partition, offset| {
            let topic = TopicName::new("t").unwrap();
            Draw { seed }.of(&TopicPartition { topic, partition }, offset)
        };
        let mut tenths = [0; 10];
        for offset in 0..1000 {
            let drawn = draw(7, 0, offset);
            assert!((0.0..1.0).contains(&drawn), "{drawn}");
            tenths[(drawn * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (60..140).contains(count)), "{tenths:?}");
        assert_eq!(draw(7, 0, 3), draw(7, 0, 3));
        for other in [draw(8, 0, 3), draw(7, 1, 3), draw(7, 0, 4)] {
            assert_ne!(other, draw(7, 0, 3));
        }
    }
}
