//! The topics of a plan: which must exist, which are created, how those that exist differ from what is planned, and what lies in
//! them and in others from before.

mod drift;
mod earlier;
mod ensure;
mod left_over;
mod newcomers;
mod unread;
mod wanted;

pub(crate) use earlier::earlier;
pub(crate) use ensure::{Ensure, TopicsError};
pub(crate) use left_over::{LeftOvers, left_over};
pub(crate) use newcomers::newcomers;
