//! How long a task works before others get their turn.

use std::time::Duration;

use tokio::time::Instant;

/// A task's turn on the runtime. Reading the clock costs as much as handling a small record, so while records take next to
/// no time it is read for every [few](Slice::MOST) of them only.
pub(super) struct Slice {
    began: Instant,
    read: Duration,
    unread: u32,
    every: u32,
}

impl Slice {
    const LENGTH: Duration = Duration::from_micros(500);
    const MOST: u32 = 32;

    pub(super) fn begin() -> Self {
        Self { began: Instant::now(), read: Duration::ZERO, unread: 0, every: 1 }
    }

    /// Whether it is over, now that one more record has been handled.
    pub(super) fn is_over(&mut self) -> bool {
        self.unread += 1;
        if self.unread < self.every {
            return false;
        }
        let elapsed = self.began.elapsed();
        let quick = elapsed.saturating_sub(self.read) < Self::LENGTH / 8;
        self.every = if quick { (self.every * 2).min(Self::MOST) } else { 1 };
        (self.read, self.unread) = (elapsed, 0);
        elapsed > Self::LENGTH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_takes_long_is_noticed_at_once_and_what_takes_nothing_soon() {
        let mut slice = Slice::begin();
        assert!((0..1000).all(|_| !slice.is_over()));
        tokio::time::advance(Slice::LENGTH * 2).await;
        let noticed = (1..).find(|_| slice.is_over()).unwrap_or_default();
        assert!(noticed <= Slice::MOST, "{noticed}");

        let mut slice = Slice::begin();
        for _ in 0..4 {
            tokio::time::advance(Slice::LENGTH / 4).await;
            assert!(!slice.is_over());
        }
        tokio::time::advance(Slice::LENGTH / 4).await;
        assert!(slice.is_over(), "slow records are looked at one by one");
    }
}
