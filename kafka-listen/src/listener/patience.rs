//! How often a listener tries, how long it waits in between, and after which time it gives up: settings that make sense together
//! only.

use std::time::Duration;

use super::definition::{Call, Setting};
use super::filler::Filler;
use super::keys::LONGEST_RETENTION;
use crate::retry::{Backoff, InPlace, MAX_ATTEMPTS, Policy, PolicyError};

/// Spring's, too.
const DEFAULT_DELAY: Duration = Duration::from_secs(1);

impl Filler<'_> {
    /// How often a record is delivered through topics, and after which delays.
    pub(super) fn policy(&mut self) -> Option<Policy> {
        let listener = self.listener;
        let attempts = self.whole("attempts", listener.attempts, MAX_ATTEMPTS);
        let delay = self.value("backoff(delay)", listener.delay);
        let multiplier = self.value("backoff(multiplier)", listener.multiplier);
        let max_delay = self.value("backoff(max_delay)", listener.max_delay);
        let jitter = self.value("backoff(jitter)", listener.jitter);
        if !self.is_given("attempts", listener.attempts.is_some()) {
            return Some(Policy::once());
        }
        let attempts = attempts.filter(|&it| self.checked("attempts", Policy::new(it, Backoff::NONE)).is_some());
        let delay = delay.map_or(DEFAULT_DELAY, Duration::from_millis);
        let (multiplier, jitter) = (multiplier.unwrap_or(1.0), jitter.unwrap_or(0.0));
        let max_delay = max_delay.map(Duration::from_millis);
        let parts = [
            Backoff::new(delay, 1.0, max_delay, 0.0),
            Backoff::new(Duration::ZERO, multiplier, None, 0.0),
            Backoff::new(Duration::ZERO, 1.0, None, jitter),
        ];
        let backoff = self.delays("backoff", parts, Backoff::new(delay, multiplier, max_delay, jitter));
        let policy = Policy::new(attempts?, backoff?);
        let keys: &[&str] = match policy {
            Err(PolicyError::TooLong { .. }) => &["attempts", "backoff"],
            _ => &["attempts"],
        };
        self.checked_with(keys, policy)
    }

    /// The tries in place: ten at once where nothing is said of retries.
    pub(super) fn in_place(&mut self) -> Option<InPlace> {
        let listener = self.listener;
        let attempts = self.whole("blocking(attempts)", listener.blocking_attempts, MAX_ATTEMPTS);
        let delay = self.value("blocking(delay)", listener.blocking_delay);
        let multiplier = self.value("blocking(multiplier)", listener.blocking_multiplier);
        let max_delay = self.value("blocking(max_delay)", listener.blocking_max_delay);
        if !self.is_given("blocking", listener.is_blocking()) {
            let has_attempts = self.is_given("attempts", listener.attempts.is_some());
            return Some(if has_attempts { InPlace::NONE } else { InPlace::DEFAULT });
        }
        let attempts = attempts.unwrap_or(InPlace::DEFAULT.attempts());
        let delay = delay.map_or(Duration::ZERO, Duration::from_millis);
        let (multiplier, max_delay) = (multiplier.unwrap_or(1.0), max_delay.map(Duration::from_millis));
        let parts = [
            InPlace::new(attempts, Duration::ZERO, 1.0, None),
            InPlace::new(1, delay, 1.0, max_delay),
            InPlace::new(1, Duration::ZERO, multiplier, None),
        ];
        self.delays("blocking", parts, InPlace::new(attempts, delay, multiplier, max_delay))
    }

    /// What the keys in these parentheses make. Each part is judged by itself first, so that all that is wrong is told.
    fn delays<T>(
        &mut self,
        of: &str,
        parts: impl IntoIterator<Item = Result<T, PolicyError>>,
        whole: Result<T, PolicyError>,
    ) -> Option<T> {
        let wrong = parts.into_iter().map(|part| self.delays_of(of, part)).filter(Option::is_none).count();
        if wrong == 0 { self.delays_of(of, whole) } else { None }
    }

    fn delays_of<T>(&mut self, of: &str, made: Result<T, PolicyError>) -> Option<T> {
        let to_blame: &[&str] = match made {
            Err(PolicyError::Attempts(_)) => &["attempts"],
            Err(PolicyError::Multiplier(_)) => &["multiplier"],
            Err(PolicyError::Jitter(_)) => &["jitter"],
            Err(PolicyError::OverMaxDelay { .. }) => &["delay", "max_delay"],
            Err(PolicyError::PartOfMillisecond(_) | PolicyError::TooLong { .. }) | Ok(_) => &["delay", "multiplier"],
        };
        let keys: Vec<_> = to_blame.iter().map(|key| format!("{of}({key})")).collect();
        self.checked_with(&keys.iter().map(String::as_str).collect::<Vec<_>>(), made)
    }

    /// How long a handler may take.
    pub(super) fn handler_timeout(&mut self) -> Option<Duration> {
        let limit = self.timeout("handler_timeout", self.listener.handler_timeout, "no handler could end in no time");
        if limit.is_some() && matches!(self.listener.call, Call::Blocking(_) | Call::BlockingBatch(_)) {
            self.problem("handler_timeout", "cannot end a plain `fn`, which runs until it returns: leave it out");
        }
        limit
    }

    /// A time that cannot be 0; `zero` says why.
    pub(super) fn timeout(&mut self, key: &str, written: Option<Setting<u64>>, zero: &str) -> Option<Duration> {
        let limit = self.value(key, written)?;
        if limit == 0 {
            self.problem(key, format_args!("{zero}; leave it out for no limit"));
        }
        Some(Duration::from_millis(limit))
    }

    /// How long created topics keep a record: longer than it waits there.
    pub(super) fn retention(&mut self, policy: Option<&Policy>) -> Option<Duration> {
        let millis = self.value("retention", self.listener.retention)?;
        let retention = Duration::from_millis(millis);
        let longest = policy.map(Policy::longest_wait).unwrap_or_default();
        if retention.is_zero() {
            self.problem("retention", "is 0: nothing would be kept; leave it out for the broker's default");
        } else if millis > LONGEST_RETENTION {
            self.problem(
                "retention",
                "is more milliseconds than Kafka can count: write a shorter time, or leave it out for the broker's default",
            );
        } else if retention <= longest {
            let [retention, longest] = [retention, longest].map(|time| humantime::format_duration(time).to_string());
            self.problem(
                "retention",
                format_args!(
                    "is {retention}, and records wait for up to {longest} in a retry topic: set a longer time, or leave it \
                     out for the broker's default"
                ),
            );
        }
        Some(retention)
    }
}
