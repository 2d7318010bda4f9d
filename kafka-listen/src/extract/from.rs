//! The two traits that make a type a parameter of a handler.

use super::{Delivery, Needs, Rejection};

/// Builds a handler's parameter from a delivery.
///
/// `'d` is the life of the delivery: a type may borrow from the record, as `&str` and `Key<&str>` do.
///
/// ```
/// use kafka_listen::{Delivery, FromDelivery, Rejection};
///
/// /// The region a record comes from: the last letter of its key.
/// struct Region(char);
///
/// impl<'d> FromDelivery<'d> for Region {
///     fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
///         let letter = delivery.key().and_then(|key| key.last().copied());
///         letter.map(|byte| Region(byte.into())).ok_or_else(|| Rejection::missing("the record has no key"))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter of a Kafka handler",
    label = "no extractor",
    note = "to receive a JSON payload write `Json<{Self}>`; to receive something given to the application write `State<{Self}>`",
    note = "a type of your own becomes a parameter by implementing `FromDelivery`"
)]
pub trait FromDelivery<'d>: Sized {
    /// Builds the value.
    ///
    /// # Errors
    /// A [`Rejection`] says why this record can never yield it.
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection>;

    /// Whether what the value is built of is not there, so that `Option<Self>` is `None`. By default it always is there.
    /// What is there and cannot be read is not absent.
    fn absent(delivery: &'d Delivery<'d>) -> bool {
        let _ = delivery;
        false
    }

    /// States what the value needs of the application, so that a lack is found at start-up. Nothing by default.
    fn needs(needs: &mut Needs) {
        let _ = needs;
    }

    /// What `Option<Self>` needs of the application: the same, but for [`State`] itself, which may be missing.
    #[doc(hidden)]
    fn needs_if_there(needs: &mut Needs) {
        Self::needs(needs);
    }
}

/// Builds a handler's parameter from the value of a header, for `#[header("name")]`, or from the record's key, for
/// [`Key<T>`](crate::Key).
///
/// ```
/// use kafka_listen::FromHeader;
///
/// /// A tenant's number, which stands in a header as `t-17`.
/// struct Tenant(u32);
///
/// impl<'d> FromHeader<'d> for Tenant {
///     fn from_header(value: &'d [u8]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
///         let number = <&str>::from_header(value)?.strip_prefix("t-").ok_or("a tenant begins with `t-`")?;
///         Ok(Tenant(number.parse()?))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a header or a key",
    label = "not a header's or a key's value",
    note = "`#[header]` and `Key` take `&str`, `&[u8]`, `String`, numbers, `Option` of these, and whatever implements `FromHeader`"
)]
pub trait FromHeader<'d>: Sized {
    /// Reads the value of the last header of that name.
    ///
    /// # Errors
    /// Says why these bytes are no such value.
    fn from_header(value: &'d [u8]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>>;

    /// What stands for a header that is missing, or null; `None`, the default, rejects the record.
    fn absent() -> Option<Self> {
        None
    }
}
