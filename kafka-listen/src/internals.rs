//! The inner ports, for this workspace's own tests. Not for users, not covered by any promise.

/// The ports and both brokers.
pub mod broker {
    pub use crate::broker::*;
}

/// Whether this is the library as users have it: time cannot be stopped in it, and no rule broken.
pub const AS_USERS_HAVE_IT: bool = !cfg!(any(feature = "testing", feature = "__sabotage"));

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
