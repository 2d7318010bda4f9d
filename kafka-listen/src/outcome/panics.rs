//! Panics of handlers and extractors: caught, with their message and place.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use super::Failure;
use crate::sabotage::{Rule, broken};

thread_local! {
    static WATCHING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Calls `f`; a panic in it becomes a failure.
///
/// The process's panic hook still prints the panic as it prints others.
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Box<Failure>> {
    watch();
    if broken(Rule::Panic) {
        return Ok(f());
    }
    let watched = WATCHING.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    WATCHING.set(watched);
    result.map_err(failure)
}

fn failure(payload: Box<dyn Any + Send>) -> Box<Failure> {
    let place = PLACE.with_borrow_mut(Option::take);
    let failure = Failure::panic(message(&*payload), place);
    discard(payload);
    Box::new(failure)
}

/// A payload may panic in its turn when it is dropped, and what comes of that, too: so that one stays.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(another) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        Box::leak(another);
    }
}

/// Only a panic hook is told where a panic happened.
fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if WATCHING.get() {
                PLACE.set(info.location().map(ToString::to_string));
            }
            before(info);
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic whose payload is no text".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_failure_with_its_message_and_place() {
        let failure = catch(|| panic!("no such {}", "user")).unwrap_err();
        assert_eq!(failure.message, "no such user");
        assert!(failure.trace().contains("panics.rs:"), "{}", failure.trace());
        assert_eq!(catch(|| 7).unwrap(), 7);
    }

    #[test]
    fn a_payload_that_panics_when_it_is_dropped_is_caught_too() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic::panic_any(Bomb);
            }
        }
        let failure = catch(|| panic::panic_any(Bomb)).unwrap_err();
        assert_eq!(failure.message, "a panic whose payload is no text");
    }
}
