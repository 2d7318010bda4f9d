//! What a handler can ask for, beyond "handled" and "failed".

use std::borrow::Cow;
use std::time::Duration;

use super::Failure;
use crate::record::Outgoing;

/// What becomes of a record that is not handled: asked for by the handler, as an [`Outcome`], or by `classify`, for an error.
///
/// ```
/// use std::time::Duration;
/// use kafka_listen::Decision;
///
/// enum SmtpError { Busy { retry_after: Duration }, NoSuchUser, Spam }
///
/// fn classify(error: &SmtpError) -> Decision {
///     match error {
///         SmtpError::Busy { retry_after } => Decision::RetryAfter(*retry_after),
///         SmtpError::NoSuchUser => Decision::DeadLetter,
///         SmtpError::Spam => Decision::Discard("spam".into()),
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It is tried again as the attribute says, and goes to the DLT when its attempts are used up: what follows an error that
    /// nobody judges.
    Retry,
    /// It is tried again after this time instead of the delay that the attribute says, cut at `max_retry_after`. It counts as
    /// an attempt like another. The record moves to its retry topic at once; it waits in its lane only if tries in place are
    /// all that is left to it.
    RetryAfter(Duration),
    /// It goes to the DLT at once. Without a DLT it is discarded, or, in a DLT, left there.
    DeadLetter,
    /// It goes at once to the dead-letter topic of this `dlt_route` of its listener. Where the listener has no such route it
    /// goes to the DLT, which is told as [`Event::UnknownRoute`](crate::Event::UnknownRoute).
    DeadLetterTo(Cow<'static, str>),
    /// It has ended, for this reason, which is told as [`Event::Discarded`](crate::Event::Discarded).
    Discard(Cow<'static, str>),
    /// The listener stops in this process: the record stays unfinished, and nothing more of its source topics, retry topics
    /// and DLT starts until [`Handle::resume`](crate::Handle::resume), which begins with this record. Other listeners go on.
    Stop,
}

/// What a handler made of its record: `Outcome::Done`, or any [`Decision`].
///
/// ```
/// use kafka_listen::prelude::*;
///
/// #[kafka_listener(topic = "orders", group = "shipping", attempts = 3)]
/// async fn ship(order: &str) -> Outcome {
///     match order {
///         "" => Decision::Discard("an empty order".into()).into(),
///         "unicorn" => Decision::DeadLetter.into(),
///         _ => Outcome::Done,
///     }
/// }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// // As in a unit test:
/// assert_eq!(ship("lamp").await, Outcome::Done);
/// assert_eq!(ship("unicorn").await, Decision::DeadLetter.into());
/// # });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "an outcome that is not returned changes nothing"]
pub enum Outcome {
    /// It is handled.
    Done,
    /// It is once these are written.
    #[doc(hidden)]
    Replied(Vec<Outgoing>),
    /// It is not, for this reason, which says what follows.
    #[doc(hidden)]
    Failed(Box<Failure>),
}

impl From<Decision> for Outcome {
    fn from(decision: Decision) -> Self {
        Self::Failed(Box::new(Failure::asked(decision)))
    }
}
