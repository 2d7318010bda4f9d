//! A module that forbids what it can: an expansion warns of nothing and needs no exception.
#![forbid(unsafe_code, missing_docs, unused)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
#![deny(
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    missing_copy_implementations,
    missing_debug_implementations,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unreachable_pub,
    unsafe_op_in_unsafe_fn,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]

use kafka_listen::{Delivery, Json, Key, dlt_handler, kafka_listener};

const ATTEMPTS: u32 = 3;

/// A documented listener.
#[kafka_listener(
    topic = "lints",
    attempts = ATTEMPTS,
    backoff(delay = 1000),
    blocking(retry_on(error if error.len() < 3)),
    fatal(error if error.is_empty()),
    dlt_route("long", error if error.len() > 9)
)]
async fn documented(Json(mail): Json<String>, key: Option<Key<&str>>, _: &Delivery<'_>) -> Result<(), String> {
    let _: () = std::future::ready(()).await;
    key.map_or(Err(mail), |_| Ok(()))
}

#[kafka_listener(topic = "lints.private")]
fn private(#[header("x-tenant")] tenant: &str) {
    assert!(!tenant.is_empty());
}

/// A documented handler.
#[dlt_handler(documented)]
async fn dead(value: &[u8]) {
    std::future::ready(()).await;
    assert!(!value.is_empty());
}
