//! What is judged while the user's crate is compiled, since the macro cannot see it: constants, and shared settings beside what a
//! listener says. Here it is called as any other function, so that each limit is looked at from both sides.

use std::any::TypeId;
use std::panic::{UnwindSafe, catch_unwind};

use super::definition::Setting;
use super::{Call, Listener, Order, SameDelay, Suffix, judge};
use crate::outcome::{BatchOutcome, Outcome};

const TEN_YEARS: u64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// What is said against it, if something is.
fn refused<T>(judged: impl FnOnce() -> T + UnwindSafe) -> Option<String> {
    let panic = catch_unwind(judged).err()?;
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    Some(text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default())
}

#[track_caller]
fn limits<T: Copy + UnwindSafe + std::fmt::Debug>(judge: fn(T) -> T, key: &str, good: &[T], bad: &[T]) {
    for &value in good {
        assert_eq!(refused(move || judge(value)), None, "{key} = {value:?}");
    }
    for &value in bad {
        let said = refused(move || judge(value)).unwrap_or_else(|| panic!("{key} = {value:?} is taken"));
        assert!(said.contains(&format!("`{key}`")), "{key} = {value:?}: {said}");
    }
}

#[test]
fn each_constant_has_its_limits() {
    limits(judge::concurrency, "concurrency", &[1, u32::MAX], &[0]);
    limits(judge::batch_max, "max", &[1, 4096], &[0, 4097]);
    limits(judge::batch_wait, "wait", &[0, TEN_YEARS], &[TEN_YEARS + 1]);
    limits(judge::attempts, "attempts", &[1, 32_767], &[0, 32_768]);
    limits(judge::delay, "delay", &[0, TEN_YEARS], &[TEN_YEARS + 1]);
    limits(judge::multiplier, "multiplier", &[1.0, 1e9], &[0.999, -1.0, f64::INFINITY, f64::NAN]);
    limits(judge::max_delay, "max_delay", &[0, u64::MAX], &[]);
    limits(judge::jitter, "jitter", &[0.0, 1.0], &[-0.001, 1.001, f64::NAN]);
    limits(judge::blocking_attempts, "attempts", &[1, 32_767], &[0, 32_768]);
    limits(judge::blocking_delay, "delay", &[0, TEN_YEARS], &[TEN_YEARS + 1]);
    limits(judge::blocking_multiplier, "multiplier", &[1.0, 1e9], &[0.999, f64::INFINITY, f64::NAN]);
    limits(judge::blocking_max_delay, "max_delay", &[0, u64::MAX], &[]);
    limits(judge::handler_timeout, "handler_timeout", &[1, u64::MAX], &[0]);
    limits(judge::timeout, "timeout", &[1, u64::MAX], &[0]);
    limits(judge::max_retry_after, "max_retry_after", &[0, TEN_YEARS], &[TEN_YEARS + 1]);
    limits(judge::partitions, "partitions", &[1, 2_147_483_647], &[0, 2_147_483_648]);
    limits(judge::replication, "replication", &[1, 32_767], &[0, 32_768]);
    limits(judge::retention, "retention", &[1, u64::MAX / 2], &[0, u64::MAX / 2 + 1]);
}

fn of(call: Call) -> Listener {
    Listener::new("f", "m", TypeId::of::<()>, |_| {}, call)
}

fn plain() -> Listener {
    of(Call::Blocking(|_| Outcome::Done))
}

fn future() -> Listener {
    of(Call::Async(|_| Box::pin(std::future::ready(Outcome::Done))))
}

fn batches() -> Listener {
    of(Call::AsyncBatch(|_| Box::pin(std::future::ready(BatchOutcome::All(Outcome::Done)))))
}

#[test]
fn delays_and_their_longest_are_judged_together_as_far_as_they_are_known() {
    let said = |listener: Listener| refused(|| listener.checked());
    let longer = Some("`delay` is longer than `max_delay`".to_owned());
    let retries = || plain().attempts(2);
    assert_eq!(said(retries().delay(5).max_delay(5)), None);
    assert_eq!(said(retries().delay(6).max_delay(5)), longer);
    assert_eq!(said(retries().max_delay(999)), longer, "a delay is 1 s unless it is given");
    assert_eq!(said(retries().delay_text("${D}").max_delay(5)), None, "it is known at start-up");
    assert_eq!(said(retries().delay(6).max_delay_text("${M}")), None, "so is this");
    assert_eq!(said(plain().blocking_delay(6).blocking_max_delay(5)), longer);
    assert_eq!(said(plain().blocking_max_delay(0)), None, "in place there is none");
}

#[test]
fn what_is_about_retry_topics_needs_attempts_whoever_gave_it() {
    let of_retries: [fn(Listener) -> Listener; 7] = [
        |it| it.delay(1),
        |it| it.multiplier(2.0),
        |it| it.max_delay(2000),
        |it| it.jitter(0.5),
        |it| it.retry_suffix("-again"),
        |it| it.suffix(Suffix::Index),
        |it| it.same_delay(SameDelay::Multiple),
    ];
    for with in of_retries {
        let said = refused(|| with(plain()).checked()).unwrap_or_default();
        assert!(said.contains("add `attempts = 5`"), "{said}");
        assert_eq!(refused(|| with(plain()).attempts(3).checked()), None);
        assert_eq!(refused(|| with(Listener::of_nobody()).checked()), None, "a listener that takes it may have them");
    }
}

#[test]
fn what_does_not_go_with_a_function_is_refused_there() {
    let said = |listener: Listener| refused(|| listener.checked()).unwrap_or_default();
    assert!(said(plain().handler_timeout(5)).contains("cannot end a plain `fn`"));
    let plain_batch = of(Call::BlockingBatch(|_| BatchOutcome::All(Outcome::Done)));
    assert!(said(plain_batch.handler_timeout(5)).contains("cannot end a plain `fn`"));
    assert_eq!(said(future().handler_timeout(5)) + &said(batches().handler_timeout(5)), "");
    assert_eq!(said(Listener::of_nobody().handler_timeout(5)), "");
    assert!(said(batches().order(Order::Key)).contains("is not for batches"));
    assert!(said(plain_batch.order(Order::Key)).contains("is not for batches"));
    assert_eq!(said(batches().order(Order::Partition)) + &said(future().order(Order::Key)), "");
}

#[test]
fn of_shared_settings_the_function_stays_the_listeners_and_what_it_says_after_them_wins() {
    let shared = super::Settings::new(Listener::of_nobody().attempts(7).delay(70).group("shared"));
    let listener = future().settings(shared).attempts(2);
    assert_eq!((listener.attempts, listener.delay), (Some(Setting::Value(2)), Some(Setting::Value(70))));
    assert_eq!((listener.group, listener.site.function), (Some("shared"), "f"));
    assert!(matches!(listener.call, Call::Async(_)) && (listener.function)() == TypeId::of::<()>());
}
