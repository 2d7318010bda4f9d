//! The application's producer: what a handler or the application writes of its own.

use std::fmt;
use std::sync::Arc;

use crate::broker::ProducerPort;

/// Writes records. Cheap to clone; everything in an application shares one connection.
#[derive(Clone)]
pub struct Producer(Arc<dyn ProducerPort>);

impl Producer {
    pub(crate) fn new(port: Arc<dyn ProducerPort>) -> Self {
        Self(port)
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Producer")
    }
}
