//! Applications as their users write them, on the in-process broker, in virtual time: each promise that can be shown
//! without a real cluster, one idea a file.

mod attributes;
mod backoff;
mod before_start;
mod blocking;
mod blocking_handlers;
mod chain;
mod concurrency;
mod decisions;
mod destinations;
mod dlt_handler;
mod errors;
mod extractors;
mod failing_consumers;
mod groups;
mod handler_timeout;
mod headers;
mod hundred;
mod hundred_listeners;
mod in_flight;
mod in_place;
mod large_numbers;
mod moving_back;
mod neighbours;
mod order;
mod outages;
mod panics;
mod past;
mod pausing;
mod sharing;
mod startup;
mod stopping;
mod support;
mod threads;
mod undecodable;
mod versions;
