//! The topics of a plan: which must exist, which are created, and how those that exist differ from what is planned.

mod drift;
mod ensure;
mod wanted;

pub(crate) use ensure::{Ensure, Ensured, TopicsError};
