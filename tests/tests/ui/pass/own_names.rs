//! A module with its own idea of what common names mean.
#![allow(dead_code, non_camel_case_types, non_snake_case, non_upper_case_globals, unused_macros)]

use kafka_listen::{Delivery, dlt_handler, kafka_listener};

const n: usize = 1;
const e: usize = 1;
const v: usize = 1;
const needs: usize = 1;
static run: usize = 1;

struct Ok;
struct Err;
struct Some;
struct None;
struct Box;
struct Result;
struct Option;
struct Send;
struct Future;
struct Listener;
struct Outcome;
struct FromDelivery;
struct Needs;
enum str {}

mod __private {}
mod std {}
mod core {}
mod inventory {}
mod rt {}

macro_rules! module_path {
    () => {
        compile_error!("not this one")
    };
}

#[kafka_listener(topic = "own.names", attempts = 2, order = "key")]
async fn handler(_: &Delivery<'_>) {}

#[dlt_handler(handler)]
fn Fn(_: &Delivery<'_>) {}
