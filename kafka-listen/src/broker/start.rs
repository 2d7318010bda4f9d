//! Where reading of a partition begins: one rule, for every broker.

/// Where a group that has no committed offset begins to read a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OffsetReset {
    /// With the oldest record there is. The default: nothing that was written before the first start is passed over.
    #[default]
    Earliest,
    /// With the first record written after the group's first assignment. Partitions that are added later, to a group
    /// that has committed offsets for others of the topic, begin at their beginning.
    Latest,
    /// Not at all: the listener stops with an error.
    Error,
}

/// Where reading of one partition begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// At this offset.
    At(i64),
    /// At `at`, and the records from `wanted` up to there are gone from the log.
    Gone {
        /// The committed offset.
        wanted: i64,
        /// The oldest offset there is.
        at: i64,
    },
    /// Nowhere: [`OffsetReset::Error`] forbids it.
    Refused,
}

impl Beginning {
    /// Decides it from the committed offset, the first and the next offset of the log, and whether the group has
    /// committed an offset for some other partition of this topic.
    pub fn decide(committed: Option<i64>, low: i64, high: i64, reset: OffsetReset, known_topic: bool) -> Self {
        match (committed, reset) {
            (Some(wanted), _) if (low..=high).contains(&wanted) => Self::At(wanted),
            (Some(wanted), _) => Self::Gone { wanted, at: low },
            (None, OffsetReset::Earliest) => Self::At(low),
            (None, OffsetReset::Latest) if known_topic => Self::At(low),
            (None, OffsetReset::Latest) => Self::At(high),
            (None, OffsetReset::Error) => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committed_offset_counts_while_the_log_has_it() {
        for committed in [10, 15, 20] {
            let beginning = Beginning::decide(Some(committed), 10, 20, OffsetReset::Latest, true);
            assert_eq!(beginning, Beginning::At(committed));
        }
        for committed in [3, 21] {
            let beginning = Beginning::decide(Some(committed), 10, 20, OffsetReset::Latest, true);
            assert_eq!(beginning, Beginning::Gone { wanted: committed, at: 10 });
        }
    }

    #[test]
    fn without_one_the_setting_decides() {
        let decide = |reset, known| Beginning::decide(None, 10, 20, reset, known);
        assert_eq!(decide(OffsetReset::Earliest, false), Beginning::At(10));
        assert_eq!(decide(OffsetReset::Latest, false), Beginning::At(20));
        assert_eq!(decide(OffsetReset::Latest, true), Beginning::At(10), "a partition that was added later");
        assert_eq!(decide(OffsetReset::Error, false), Beginning::Refused);
    }
}
