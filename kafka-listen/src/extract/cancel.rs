//! `Cancel`: the handler learns that its record is about to be given up.

use tokio_util::sync::CancellationToken;

use super::{Delivery, FromDelivery, Rejection};

/// Tells a handler that its record is being given up: its partition is taken away, or the application stops and its drain is
/// over. As a parameter it never rejects; it can be cloned into tasks and threads that outlive the handler.
///
/// When a partition is taken away it is set at once. What ends within the next 2 s still counts; after that an `async fn` is
/// dropped, and what a plain `fn` returns is nobody's. When the application stops it is set after the drain, so that what can end
/// in time is not disturbed. A plain `fn` that runs for long looks at it now and then:
///
/// ```
/// use kafka_listen::prelude::*;
///
/// #[kafka_listener(topic = "images", group = "thumbnails", attempts = 3)]
/// fn shrink(image: &[u8], cancel: Cancel) -> Result<(), String> {
///     for _row in image.chunks(1024) {
///         if cancel.is_cancelled() {
///             return Err("given up half-way".to_owned());
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancel(CancellationToken);

impl Cancel {
    /// Whether it is set.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Resolves when it is set; at once, if it is.
    pub async fn cancelled(&self) {
        self.0.cancelled().await;
    }

    pub(crate) fn set(&self) {
        self.0.cancel();
    }
}

/// Never rejects.
#[diagnostic::do_not_recommend]
impl<'d> FromDelivery<'d> for Cancel {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(delivery.place().cancel.clone())
    }
}
