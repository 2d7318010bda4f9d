//! The application: settings in, a running set of listeners out. The only place that wires things together.

mod builder;
mod checked;
mod consumers;
mod current;
mod discover;
mod environment;
mod error;
mod handle;
mod mend;
mod newest;
mod own_properties;
mod pauses;
mod properties;
#[expect(clippy::disallowed_methods, reason = "how far apart two signals are is nobody's due time")]
mod signals;
mod sources;
mod start;
mod starter;

pub use builder::App;
#[cfg(feature = "testing")]
pub(crate) use current::CurrentPlan;
pub use error::Error;
pub use handle::Handle;
pub use pauses::Paused;
