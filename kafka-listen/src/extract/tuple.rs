//! Tuples of extractors: several things of one record, for the `Vec` of a listener with `batch(…)`.

use super::{Delivery, FromDelivery, Needs, Rejection};

macro_rules! tuples {
    ($($($name:ident)+;)+) => {$(
        /// Rejects what one of its parts rejects.
        #[diagnostic::do_not_recommend]
        impl<'d, $($name: FromDelivery<'d>),+> FromDelivery<'d> for ($($name,)+) {
            fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
                Ok(($($name::from_delivery(delivery)?,)+))
            }

            fn needs(needs: &mut Needs) {
                $($name::needs(needs);)+
            }
        }
    )+};
}

tuples! {
    A B;
    A B C;
    A B C D;
    A B C D E;
    A B C D E F;
    A B C D E F G;
    A B C D E F G H;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::sample::Sample;
    use crate::extract::{Key, Offset, State};

    #[test]
    fn each_part_is_read_from_the_same_record() {
        let sample = Sample::key("k");
        let delivery = sample.delivery();
        let (Key(key), Offset(offset)) = FromDelivery::from_delivery(&delivery).unwrap();
        assert_eq!((key, offset), ("k", 17));
        assert!(<(Offset, &str)>::from_delivery(&delivery).is_err(), "its value is null");
    }

    #[test]
    fn what_each_part_needs_the_tuple_needs() {
        let mut needs = Needs::default();
        <(State<u8>, Offset, State<u16>)>::needs(&mut needs);
        assert_eq!(needs.states().len(), 2);
    }
}
