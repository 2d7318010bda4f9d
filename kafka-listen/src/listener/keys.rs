//! The keys of the attribute: a method for each, by which an expansion says what was written.
//!
//! Everything here is `const`. The macro judges literals; what it cannot see, a named constant, is judged by these
//! functions while the user's crate is compiled.

use super::definition::{DltOnError, Filter, Listener, Setting};
use crate::broker::OffsetReset;
use crate::engine::Order;
use crate::retry::{GroupNaming, SameDelay, Suffix};

/// One method for each key of the attribute that takes a text.
macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $ty:ty => $value:expr;)*) => {
        impl Listener {
            $($(#[$doc])* pub const fn $name(mut self, $name: $ty) -> Self { self.$name = $value; self })*
        }
    };
}

setters! {
    /// `topic = "…"` or `topics("…", "…")`.
    topics: &'static [&'static str] => topics;
    /// `topic_pattern = "^…"`.
    topic_pattern: &'static str => Some(topic_pattern);
    /// `group = "…"`.
    group: &'static str => Some(group);
    /// `id = "…"`.
    id: &'static str => Some(id);
    /// `filter = path`.
    filter: Filter => Some(filter);
    /// `properties("…" = "…")`.
    properties: &'static [(&'static str, &'static str)] => properties;
    /// `retry_suffix = "…"`.
    retry_suffix: &'static str => Some(retry_suffix);
    /// `dlt_suffix = "…"`.
    dlt_suffix: &'static str => Some(dlt_suffix);
    /// `dlt_route("…")`, each of them.
    dlt_routes: &'static [&'static str] => dlt_routes;
    /// `blocking(retry_on(…))`.
    blocking_retry_on: bool => blocking_retry_on;
}

/// For each key that takes a word or a flag: a method for the value, and one for a text with a placeholder.
macro_rules! choices {
    ($($(#[$doc:meta])* $name:ident / $text:ident: $ty:ty;)*) => {
        impl Listener {
            $(
                $(#[$doc])*
                pub const fn $name(mut self, $name: $ty) -> Self {
                    self.$name = Some(Setting::Value($name));
                    self
                }

                $(#[$doc])*
                pub const fn $text(mut self, $name: &'static str) -> Self {
                    self.$name = Some(Setting::Text($name));
                    self
                }
            )*
        }
    };
}

choices! {
    /// `order = "…"`.
    order / order_text: Order;
    /// `auto_start = …`.
    auto_start / auto_start_text: bool;
    /// `suffix = "…"`.
    suffix / suffix_text: Suffix;
    /// `same_delay = "…"`.
    same_delay / same_delay_text: SameDelay;
    /// `dlt = …`.
    dlt / dlt_text: bool;
    /// `dlt_on_error = "…"`.
    dlt_on_error / dlt_on_error_text: DltOnError;
    /// `offset_reset = "…"`.
    offset_reset / offset_reset_text: OffsetReset;
    /// `auto_create = …`.
    auto_create / auto_create_text: bool;
    /// `group_naming = "…"`.
    group_naming / group_naming_text: GroupNaming;
}

/// Ten years, in milliseconds: further away, only a mistake can lie.
pub(super) const LONGEST_DELAY: u64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// Kafka counts milliseconds so.
pub(super) const LONGEST_RETENTION: u64 = i64::MAX.unsigned_abs();

/// The most records of one partition that are held at once.
pub(super) const LARGEST_BATCH: u32 = 4096;

/// The same for each key that takes a number, and a function that judges a constant.
macro_rules! numbers {
    ($($(#[$doc:meta])* $name:ident / $text:ident: $ty:ty $(, if $good:expr, else $message:literal)?;)*) => {
        choices! { $($(#[$doc])* $name / $text: $ty;)* }

        /// What the macro cannot see, a named constant, is judged here while the user's crate is compiled.
        pub mod judge {
            $(
                $(#[$doc])*
                #[track_caller]
                pub const fn $name($name: $ty) -> $ty {
                    $(assert!($good, $message);)?
                    $name
                }
            )*
        }
    };
}

numbers! {
    /// `concurrency = …`.
    concurrency / concurrency_text: u32, if concurrency >= 1, else "`concurrency` must be 1 or more";
    /// `batch(max = …)`.
    batch_max / batch_max_text: u32, if batch_max >= 1 && batch_max <= super::LARGEST_BATCH,
        else "`max` must be 1 to 4096: no more of a partition is held at once";
    /// `batch(wait = …)`, in milliseconds.
    batch_wait / batch_wait_text: u64, if batch_wait <= super::LONGEST_DELAY, else "`wait` is over ten years";
    /// `attempts = …`.
    attempts / attempts_text: u32, if attempts >= 1 && attempts <= 32767,
        else "`attempts` counts the first delivery: it must be 1 to 32767";
    /// `backoff(delay = …)`, in milliseconds.
    delay / delay_text: u64, if delay <= super::LONGEST_DELAY, else "`delay` is over ten years";
    /// `backoff(multiplier = …)`.
    multiplier / multiplier_text: f64, if multiplier >= 1.0 && multiplier < f64::INFINITY,
        else "`multiplier` must be 1 or more: delays never get shorter";
    /// `backoff(max_delay = …)`, in milliseconds.
    max_delay / max_delay_text: u64;
    /// `backoff(jitter = …)`.
    jitter / jitter_text: f64, if jitter >= 0.0 && jitter <= 1.0, else "`jitter` must be 0.0 to 1.0";
    /// `blocking(attempts = …)`.
    blocking_attempts / blocking_attempts_text: u32, if blocking_attempts >= 1 && blocking_attempts <= 32767,
        else "`attempts` counts the first try: it must be 1 to 32767";
    /// `blocking(delay = …)`, in milliseconds.
    blocking_delay / blocking_delay_text: u64, if blocking_delay <= super::LONGEST_DELAY, else "`delay` is over ten years";
    /// `blocking(multiplier = …)`.
    blocking_multiplier / blocking_multiplier_text: f64,
        if blocking_multiplier >= 1.0 && blocking_multiplier < f64::INFINITY,
        else "`multiplier` must be 1 or more: delays never get shorter";
    /// `blocking(max_delay = …)`, in milliseconds.
    blocking_max_delay / blocking_max_delay_text: u64;
    /// `handler_timeout = …`, in milliseconds.
    handler_timeout / handler_timeout_text: u64, if handler_timeout >= 1,
        else "`handler_timeout` must be longer than 0: no handler could end in time";
    /// `timeout = …`, in milliseconds.
    timeout / timeout_text: u64, if timeout >= 1, else "`timeout` must be longer than 0: nothing would be tried again";
    /// `max_retry_after = …`, in milliseconds.
    max_retry_after / max_retry_after_text: u64, if max_retry_after <= super::LONGEST_DELAY,
        else "`max_retry_after` is over ten years";
    /// `partitions = …`.
    partitions / partitions_text: u32, if partitions >= 1 && partitions <= i32::MAX as u32,
        else "`partitions` must be 1 to 2147483647";
    /// `replication = …`.
    replication / replication_text: u32, if replication >= 1 && replication <= i16::MAX as u32,
        else "`replication` must be 1 to 32767";
    /// `retention = …`, in milliseconds.
    retention / retention_text: u64, if retention >= 1 && retention <= super::LONGEST_RETENTION,
        else "`retention` must be longer than 0, and no more milliseconds than Kafka can count, 9223372036854775807";
}

impl Listener {
    /// Judges what constants do to each other; of literals the macro has seen it.
    #[track_caller]
    pub const fn checked(self) -> Self {
        self.check_together();
        check_delays(self.delay, 1000, self.max_delay);
        check_delays(self.blocking_delay, 0, self.blocking_max_delay);
        self
    }
}

#[track_caller]
const fn check_delays(delay: Option<Setting<u64>>, default: u64, max_delay: Option<Setting<u64>>) {
    let delay = match delay {
        None => default,
        Some(Setting::Value(delay)) => delay,
        Some(Setting::Text(_)) => 0,
    };
    if let Some(Setting::Value(max_delay)) = max_delay {
        assert!(delay <= max_delay, "`delay` is longer than `max_delay`");
    }
}
