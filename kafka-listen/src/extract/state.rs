//! What the application gives to its handlers.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::fmt;
use std::ops::Deref;

use super::{Delivery, FromDelivery, Needs, Rejection};
use crate::producer::Producer;

/// A copy of what the application was given by `.state(…)`: a connection pool, a client, settings. Make `T` cheap to
/// clone, as clients mostly are, or an `Arc`.
///
/// An application that has no such state does not start, and says which parameter asks for it; `Option<State<T>>` is
/// `None` then.
///
/// ```
/// use std::sync::Arc;
/// use kafka_listen::State;
///
/// struct Smtp { host: String }
///
/// async fn send_mail(State(smtp): State<Arc<Smtp>>, text: &str) {
///     println!("{text} goes by {}", smtp.host);
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State<T>(pub T);

impl<'d, T: Clone + Send + Sync + 'static> FromDelivery<'d> for State<T> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        let state = delivery.context().states.get::<T>();
        state.cloned().map(State).ok_or_else(|| Rejection::state(std::any::type_name::<T>()))
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        !delivery.context().states.contains(TypeId::of::<T>())
    }

    fn needs(needs: &mut Needs) {
        needs.state::<T>();
    }

    fn needs_if_there(_: &mut Needs) {}
}

impl<T> Deref for State<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The application's producer, within the trace of this record. Never rejects.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Producer {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(delivery.context().producer.within(delivery.headers()))
    }
}

/// The application's states, one of each type.
#[derive(Default)]
#[doc(hidden)]
pub struct States(HashMap<TypeId, Box<dyn Any + Send + Sync>>);

impl States {
    /// Puts a state in; `false` if there was one of its type, which is then replaced.
    pub fn insert<T: Send + Sync + 'static>(&mut self, state: T) -> bool {
        self.0.insert(TypeId::of::<T>(), Box::new(state)).is_none()
    }

    /// The state of type `T`.
    pub fn get<T: 'static>(&self) -> Option<&T> {
        self.0.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// Whether there is a state of this type.
    pub fn contains(&self, type_id: TypeId) -> bool {
        self.0.contains_key(&type_id)
    }
}

impl fmt::Debug for States {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "States({})", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::RejectionKind;
    use crate::extract::sample::Sample;

    #[test]
    fn a_state_is_found_by_its_type() {
        let sample = Sample::value("v").state("smtp".to_owned()).state(7u8);
        let delivery = sample.delivery();
        assert_eq!(State::<String>::from_delivery(&delivery).unwrap(), State("smtp".to_owned()));
        assert_eq!(Option::<State<u8>>::from_delivery(&delivery).unwrap(), Some(State(7)));
        assert_eq!(Option::<State<u16>>::from_delivery(&delivery).unwrap(), None);
        let rejection = State::<u16>::from_delivery(&delivery).unwrap_err();
        assert_eq!(rejection.kind(), RejectionKind::State);
        assert_eq!(rejection.to_string(), "the application has no state of type `u16`");
    }

    #[test]
    fn the_producer_is_always_there() {
        assert!(Producer::from_delivery(&Sample::value("v").delivery()).is_ok());
    }
}
