//! Settings that several listeners share, and what has to hold where a listener takes them.

use std::any::TypeId;
use std::fmt;

use super::definition::{Call, Listener, Setting};
use crate::engine::Order;
use crate::extract::Needs;
use crate::outcome::Outcome;

/// Keys of [`#[kafka_listener]`](macro@crate::kafka_listener) that several listeners share: a constant, made by
/// [`settings!`](macro@crate::settings).
#[derive(Clone, Copy)]
pub struct Settings(Listener);

impl Settings {
    /// The keys of this listener.
    #[doc(hidden)]
    pub const fn new(listener: Listener) -> Self {
        Self(listener)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").finish_non_exhaustive()
    }
}

impl Listener {
    /// One whose function nobody calls: it is there for its keys.
    #[track_caller]
    pub const fn of_nobody() -> Self {
        Self::new("", "", TypeId::of::<Settings>, no_needs, Call::Blocking(|_| Outcome::Done))
    }

    /// `settings = path`. What is set after it wins.
    pub const fn settings(self, shared: Settings) -> Self {
        let Settings(shared) = shared;
        let shared_dlt_on_error =
            if shared.dlt_on_error.is_some() { shared.dlt_on_error } else { shared.shared_dlt_on_error };
        let Self { site, function, needs, call, .. } = self;
        Self { site, function, needs, call, dlt_on_error: None, shared_dlt_on_error, ..shared }
    }

    /// Judges what keys do to each other and to the function, whoever gave them, as far as they are known. What one
    /// attribute says alone the macro has judged before.
    #[track_caller]
    pub(super) const fn check_together(&self) {
        let of_retries = self.delay.is_some()
            || self.multiplier.is_some()
            || self.max_delay.is_some()
            || self.jitter.is_some()
            || self.retry_suffix.is_some()
            || self.suffix.is_some()
            || self.same_delay.is_some();
        assert!(
            !of_retries || self.attempts.is_some() || is_of_nobody(self),
            "`backoff`, `suffix`, `same_delay` and `retry_suffix` are about retry topics, and neither the attribute nor its \
             `settings` have `attempts`: add `attempts = 5`"
        );
        assert!(
            self.handler_timeout.is_none()
                || !matches!(self.call, Call::Blocking(_) | Call::BlockingBatch(_))
                || is_of_nobody(self),
            "the shared settings have `handler_timeout`, which cannot end a plain `fn`: write an `async fn`, or take others"
        );
        assert!(
            !matches!(
                (self.order, self.call),
                (Some(Setting::Value(Order::Key)), Call::AsyncBatch(_) | Call::BlockingBatch(_))
            ),
            "the shared settings have `order = \"key\"`, which is not for batches: write `order = \"partition\"` in the attribute"
        );
    }
}

/// Whether it is there for its keys only, and somebody may add to them.
const fn is_of_nobody(listener: &Listener) -> bool {
    listener.site.function.is_empty()
}

fn no_needs(_: &mut Needs) {}
