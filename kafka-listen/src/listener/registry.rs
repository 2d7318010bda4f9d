//! Which listeners an application has: those it names, or all that are linked into the program.

use std::any::TypeId;
use std::collections::HashSet;

use super::definition::{DltHandler, Listener};
use crate::problem::Problems;

/// A listener and, if there is one, the handler of its dead letters.
#[derive(Clone, Copy)]
pub(crate) struct Registered {
    pub(crate) listener: &'static Listener,
    pub(crate) dlt_handler: Option<&'static DltHandler>,
}

/// A function that the application names as a listener.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named {
    /// Its type, of which it is the only value.
    pub(crate) function: TypeId,
    /// Its type's name, which is its path.
    pub(crate) path: &'static str,
}

/// Finds them. With `named` exactly those.
pub(crate) fn registered(named: Option<&[Named]>, problems: &mut Problems) -> Vec<Registered> {
    let mut linked: Vec<&'static Listener> = inventory::iter::<&'static Listener>().copied().collect();
    // The linker's order is nobody's choice; the source's is.
    linked.sort_by_key(|listener| listener.site.order());
    let listeners = match named {
        None => {
            check_dlt_handlers(&linked, problems);
            linked
        }
        Some(named) => {
            check_named_once(named, problems);
            linked_of(named, &linked, problems)
        }
    };
    if listeners.is_empty() && problems.is_empty() {
        problems.add(
            "no listener was found: annotate a function with `#[kafka_listener(topic = \"…\")]`. If there is one in \
             another crate, that crate may not be linked because nothing refers to it: `use my_listeners as _;` links it",
        );
    }
    listeners.into_iter().map(|listener| with_dlt_handler(listener, problems)).collect()
}

fn check_named_once(named: &[Named], problems: &mut Problems) {
    for (place, one) in named.iter().enumerate() {
        if named[..place].iter().any(|other| other.function == one.function) {
            problems.add(format!("`{}` is named twice: remove one `.listener(…)` of it", one.path));
        }
    }
}

fn linked_of(named: &[Named], linked: &[&'static Listener], problems: &mut Problems) -> Vec<&'static Listener> {
    let mut seen = HashSet::new();
    let once = named.iter().filter(|named| seen.insert(named.function));
    once.flat_map(|named| find(linked, *named, problems)).collect()
}

/// A function may be several listeners.
fn find(linked: &[&'static Listener], named: Named, problems: &mut Problems) -> Vec<&'static Listener> {
    let found: Vec<_> = linked.iter().filter(|listener| (listener.function)() == named.function).copied().collect();
    if found.is_empty() {
        problems.add(format!("`{}` is no listener: annotate it with `#[kafka_listener(topic = \"…\")]`", named.path));
    }
    found
}

fn with_dlt_handler(listener: &'static Listener, problems: &mut Problems) -> Registered {
    let function = (listener.function)();
    let handlers = inventory::iter::<&'static DltHandler>().copied().filter(|it| (it.listener)() == function);
    let mut handlers: Vec<_> = handlers.collect();
    handlers.sort_by_key(|handler| handler.site.order());
    let dlt_handler = handlers.first().copied();
    if let [one, other, ..] = &*handlers {
        problems.add(format!(
            "{} has two DLT handlers, {} and {}: remove one of them",
            listener.site, one.site, other.site
        ));
    }
    Registered { listener, dlt_handler }
}

fn check_dlt_handlers(linked: &[&'static Listener], problems: &mut Problems) {
    for handler in inventory::iter::<&'static DltHandler>() {
        let listener = (handler.listener)();
        if !linked.iter().any(|linked| (linked.function)() == listener) {
            problems.add(format!(
                "{} is a DLT handler of a function that is no listener: annotate that with `#[kafka_listener(topic = \"…\")]`",
                handler.site
            ));
        }
    }
}
