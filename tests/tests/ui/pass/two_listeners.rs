//! Several attributes on one function: a listener with each of them, headers included, and one handler for the dead letters of
//! several functions.

use kafka_listen::prelude::*;

#[kafka_listener(topic = "several.slow", id = "several_slow", attempts = 5, backoff(delay = "1m"))]
#[kafka_listen::kafka_listener(topic = "several.urgent", attempts = 2)]
/// Docs.
async fn several(#[header("x-tenant")] tenant: &str, #[header("x-limit")] _: Option<u32>) -> Result<(), String> {
    Err(tenant.to_owned())
}

#[kafka_listener(topic = "several.other")]
fn other(_: &[u8]) {}

#[dlt_handler(several)]
#[dlt_handler(other)]
async fn several_are_dead(#[header("x-tenant")] _: Option<&str>, _: LastError) {}
