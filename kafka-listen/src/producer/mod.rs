//! The application's producer: what a handler or the application writes of its own.
//!
//! In comes a record, part by part; out goes where it was written, once the broker has acknowledged it. It never writes
//! retry or dead-letter records, and never tries again by itself what the broker refused.

mod carried;
mod draft;
mod error;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::sync::Arc;

pub use draft::{Draft, Unsent};
pub use error::{SendError, SendErrorKind};

use self::carried::Carried;
use self::write::Gate;
use crate::broker::ProducerPort;
use crate::record::Headers;

/// Writes records. Cheap to clone; everything in an application shares one connection. A handler takes it as a
/// parameter, the application gives it out as well.
///
/// What a handler of single records writes with it belongs to the trace of the record that is handled: its headers `traceparent`, `tracestate` and
/// `baggage` go with it, unless the new record has its own (of the first two, either). The application's own producer adds nothing.
///
/// ```
/// use kafka_listen::{Producer, SendError};
///
/// #[derive(serde::Serialize)]
/// struct Order { id: u64 }
///
/// async fn order_placed(producer: Producer, order: Order) -> Result<(), SendError> {
///     let written = producer.to("orders").key("k-17").header("x-tenant", "acme").json(&order)?.send().await?;
///     println!("order {} stands in partition {} at offset {}", order.id, written.partition, written.offset);
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Producer {
    gate: Arc<Gate>,
    carried: Carried,
}

impl Producer {
    pub(crate) fn new(port: Arc<dyn ProducerPort>) -> Self {
        Self { gate: Arc::new(Gate::new(port)), carried: Carried::default() }
    }

    /// The same, for the handler of a record with these headers.
    pub(crate) fn within(&self, headers: Headers<'_>) -> Self {
        Self { gate: Arc::clone(&self.gate), carried: Carried::of(headers) }
    }

    /// Begins a record for `topic`. A name that Kafka does not take is an error when the record is sent.
    pub fn to(&self, topic: impl Into<String>) -> Draft {
        Draft::new(Arc::clone(&self.gate), topic.into(), self.carried.clone())
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Producer")
    }
}
