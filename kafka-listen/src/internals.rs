//! The inner ports, for this workspace's own tests. Not for users, not covered by any promise.

/// The ports and both brokers.
pub mod broker {
    pub use crate::broker::*;
}

/// Time.
pub mod clock {
    pub use crate::clock::*;
}

/// Rules that can be broken on purpose.
#[cfg(feature = "__sabotage")]
pub mod sabotage {
    pub use crate::sabotage::{Rule, break_rule};
}

/// The vocabulary.
pub mod record {
    pub use crate::record::*;
}
