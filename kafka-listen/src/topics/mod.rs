//! The topics of a plan: which must exist, which are created, and how those that exist differ from what is planned.

mod drift;
mod earlier;
mod ensure;
mod wanted;

pub(crate) use earlier::{Earlier, earlier};
pub(crate) use ensure::{Ensure, TopicsError};
