//! How far a due time in a header is believed.

use std::time::Duration;

use crate::clock::Timestamp;

/// How much the clocks of two processes may differ before a due time is doubted.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// The due time that a record's header asks for, or the latest that can be true: `longest`, the longest wait that the
/// chain knows, from now, and a bit more for clocks that differ. A forged or garbled time so stops nothing for long.
///
/// The answer differs from `due` where it was not believed, which is worth a warning.
pub fn believable_due(due: Timestamp, now: Timestamp, longest: Duration) -> Timestamp {
    due.min(now.after(longest.saturating_add(CLOCK_SKEW)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_time_is_believed_up_to_the_longest_wait() {
        let (now, longest) = (Timestamp::from_millis(1_000_000), Duration::from_secs(8));
        let at = |millis: i64| Timestamp::from_millis(1_000_000 + millis);
        for fine in [at(-500_000), at(0), at(8_000), at(68_000)] {
            assert_eq!(believable_due(fine, now, longest), fine);
        }
        assert_eq!(believable_due(at(68_001), now, longest), at(68_000));
        assert_eq!(believable_due(Timestamp::from_millis(i64::MAX), now, Duration::MAX).as_millis(), i64::MAX);
    }
}
