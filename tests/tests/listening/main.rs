//! Applications as their users write them, on the in-process broker, in virtual time: each promise that can be shown
//! without a real cluster, one idea a file.

mod backoff;
mod chain;
mod in_place;
mod neighbours;
mod support;
