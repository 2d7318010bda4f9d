//! Those who are told.

use std::fmt;
use std::sync::Arc;

use super::Event;
use crate::outcome::catch;

/// Is told what happens, by whoever does it: the threads that read from Kafka, for the most part, and the application's runtime where
/// a handler has just ended ([`Delivered`](Event::Delivered), [`Skipped`](Event::Skipped), [`FailedAfterAck`](Event::FailedAfterAck)).
/// So it may be called by several threads at once, must be quick, and never block. A panic of it is caught, and concerns nobody else.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn observe(&self, event: &Event);

    /// Whether it wants every single delivery to be told, [`Event::Delivered`], which costs time for each record. Asked
    /// once, when the application starts.
    fn wants_deliveries(&self) -> bool {
        false
    }
}

impl<F: Fn(&Event) + Send + Sync> Observer for F {
    fn observe(&self, event: &Event) {
        self(event);
    }
}

/// All observers of an application.
#[derive(Clone, Default)]
pub(crate) struct Observers(Vec<Arc<dyn Observer>>);

impl Observers {
    pub(crate) fn add(&mut self, observer: Arc<dyn Observer>) {
        self.0.push(observer);
    }

    /// Those who want every single delivery, if there are any.
    pub(crate) fn of_deliveries(&self) -> Option<Self> {
        let wanting: Vec<_> = self.0.iter().filter(|it| it.wants_deliveries()).cloned().collect();
        (!wanting.is_empty()).then_some(Self(wanting))
    }

    pub(crate) fn tell(&self, event: &Event) {
        for observer in &self.0 {
            // The process's panic hook has told it; the work must go on.
            let _ = catch(|| observer.observe(event));
        }
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Observers({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("what it panicked with panics, too");
        }
    }

    #[test]
    fn whatever_an_observer_panics_with_the_next_one_is_told() {
        let (mut observers, told) = (Observers::default(), Arc::<AtomicUsize>::default());
        let count = told.clone();
        observers.add(Arc::new(|_: &Event| panic_any(Bomb)));
        observers.add(Arc::new(move |_: &Event| {
            count.fetch_add(1, Ordering::Relaxed);
        }));
        observers.tell(&Event::Resumed { listener: "l".into() });
        assert_eq!(told.load(Ordering::Relaxed), 1);
    }
}
