//! Functions that may block.

use kafka_listen::prelude::*;

#[kafka_listener(topic = "plain")]
fn import(payload: &str, Attempt { number, .. }: Attempt) -> Result<(), String> {
    if number > 1 { Err(payload.to_owned()) } else { Ok(()) }
}

#[dlt_handler(import)]
fn import_is_dead(payload: &[u8]) {
    assert!(!payload.is_empty());
}
