//! `Option<E>` and `Result<E, Rejection>` around any extractor.

use super::{Delivery, FromDelivery, Needs, Rejection};

/// `None` where the thing is not there: a null value or key, a header that is missing, no error yet, no such state. What
/// is there and cannot be read is still a rejection.
impl<'d, E: FromDelivery<'d>> FromDelivery<'d> for Option<E> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        if E::absent(delivery) { Ok(None) } else { E::from_delivery(delivery).map(Some) }
    }

    fn needs(needs: &mut Needs) {
        E::needs_if_there(needs);
    }
}

/// Hands the handler the rejection instead of sending the record to the dead-letter topic. Never rejects.
impl<'d, E: FromDelivery<'d>> FromDelivery<'d> for Result<E, Rejection> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(E::from_delivery(delivery))
    }

    fn absent(delivery: &'d Delivery<'d>) -> bool {
        E::absent(delivery)
    }

    fn needs(needs: &mut Needs) {
        E::needs(needs);
    }

    fn needs_if_there(needs: &mut Needs) {
        E::needs_if_there(needs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::sample::Sample;
    use crate::extract::{Json, RejectionKind, State};

    #[test]
    fn a_result_hands_the_rejection_to_the_handler() {
        let sample = Sample::value("x");
        let delivery = sample.delivery();
        let rejected = Result::<Json<u8>, Rejection>::from_delivery(&delivery).unwrap();
        assert_eq!(rejected.unwrap_err().kind(), RejectionKind::Decode);
        assert_eq!(Result::<&str, Rejection>::from_delivery(&delivery).unwrap().unwrap(), "x");
    }

    #[test]
    fn they_can_be_nested_either_way() {
        let (tombstone, bad) = (Sample::tombstone(), Sample::value("x"));
        let (tombstone, bad) = (tombstone.delivery(), bad.delivery());
        assert!(Result::<Option<Json<u8>>, Rejection>::from_delivery(&tombstone).unwrap().unwrap().is_none());
        assert!(Option::<Result<Json<u8>, Rejection>>::from_delivery(&tombstone).unwrap().is_none());
        assert!(Option::<Result<Json<u8>, Rejection>>::from_delivery(&bad).unwrap().unwrap().is_err());
    }

    #[test]
    fn only_an_optional_state_may_be_missing_at_the_start() {
        fn states<'d, E: FromDelivery<'d>>() -> usize {
            let mut needs = Needs::default();
            E::needs(&mut needs);
            needs.states().len()
        }

        struct Deep;
        impl<'d> FromDelivery<'d> for Deep {
            fn from_delivery(_: &'d Delivery<'d>) -> Result<Self, Rejection> {
                Ok(Self)
            }

            fn needs(needs: &mut Needs) {
                needs.state::<u8>();
            }
        }

        assert_eq!(states::<State<u8>>(), 1);
        assert_eq!(states::<Result<State<u8>, Rejection>>(), 1);
        assert_eq!(states::<Option<State<u8>>>(), 0);
        assert_eq!(states::<Option<Result<State<u8>, Rejection>>>(), 0);
        assert_eq!(states::<Option<Deep>>(), 1, "what an extractor needs inside, it needs in any case");
    }
}
