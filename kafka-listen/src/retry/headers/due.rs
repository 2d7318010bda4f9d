//! How far a due time in a header is believed.

use std::time::Duration;

use crate::clock::Timestamp;

/// How much the clocks of two processes may differ before a due time is doubted.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// A wait that is believed however short the delays of the chain are: another version of the listener, whose records
/// are still on their way, may have had longer ones.
pub const ALWAYS_BELIEVED: Duration = Duration::from_secs(60 * 60);

/// The due time that a record's header asks for, or the latest that can be true: `longest`, the longest wait that the
/// chain knows, from now, and a bit more for clocks that differ. A forged or garbled time so stops nothing for ever.
///
/// The answer differs from `due` where it was not believed, which is worth a warning.
pub fn believable_due(due: Timestamp, now: Timestamp, longest: Duration) -> Timestamp {
    due.min(now.after(longest.max(ALWAYS_BELIEVED).saturating_add(CLOCK_SKEW)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_due_time_is_believed_up_to_the_longest_wait() {
        let now = Timestamp::from_millis(1_000_000_000);
        let believed = |after: Duration, longest| believable_due(now.after(after), now, longest).since(now);
        let [hour, day] = [1, 24].map(|hours| Duration::from_secs(hours * 3600));
        let millisecond = Duration::from_millis(1);
        for (chains_longest, limit) in [(Duration::ZERO, hour), (hour, hour), (day, day)] {
            let limit = limit + CLOCK_SKEW;
            for fine in [Duration::ZERO, Duration::from_secs(8), limit] {
                assert_eq!(believed(fine, chains_longest), fine);
            }
            assert_eq!(believed(limit + millisecond, chains_longest), limit);
        }
        let past = Timestamp::from_millis(5);
        assert_eq!(believable_due(past, now, hour), past);
        assert_eq!(believable_due(Timestamp::from_millis(i64::MAX), now, Duration::MAX).as_millis(), i64::MAX);
    }
}
