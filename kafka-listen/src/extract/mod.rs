//! Extractors: how the parameters of a handler are built from a delivery.
//!
//! Each parameter's type implements [`FromDelivery`]; a new one is one `impl`. An extractor reads and never waits; what it
//! cannot read becomes a [`Rejection`], which no further delivery could mend and which sends the record straight to
//! the dead-letter topic.

mod delivery;
mod needs;
mod rejection;
mod state;

pub use delivery::{Attempt, Context, Delivery, Place};
pub use needs::{Needs, StateNeed};
pub use rejection::{Rejection, RejectionKind};
pub use state::States;

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

    /// States what the value needs of the application, so that a lack is found at start-up. Nothing by default.
    fn needs(needs: &mut Needs) {
        let _ = needs;
    }
}

/// Builds a handler's parameter from the value of a header, for `#[header("name")]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a header",
    label = "not a header's value",
    note = "`#[header]` takes `&str`, `&[u8]`, `String`, numbers, `Option` of these, and whatever implements `FromHeader`"
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
