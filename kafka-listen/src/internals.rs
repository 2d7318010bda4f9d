//! The inner ports, for this workspace's own tests. Not for users, not covered by any promise.

/// The ports and both brokers.
pub mod broker {
    pub use crate::broker::*;
}

/// Time.
pub mod clock {
    pub use crate::clock::*;
}

/// The vocabulary.
pub mod record {
    pub use crate::record::*;
}
