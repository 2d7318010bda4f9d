//! `settings!`: constants of any module, built on each other, with everything that can be shared.

use kafka_listen::prelude::*;

fn is_wanted(_: &Delivery<'_>) -> bool {
    true
}

const ATTEMPTS: u32 = 4;

pub const ALL: Settings = settings!(
    group = "${GROUP:shared}",
    concurrency = 8,
    order = "none",
    filter = is_wanted,
    attempts = ATTEMPTS,
    backoff(delay = "1s", multiplier = 1.5, max_delay = "1m", jitter = 0.2),
    blocking(attempts = 3, delay = 100),
    properties("client.id" = "shared"),
    auto_start = "${START:true}",
    max_retry_after = "2h",
    retry_suffix = "-again",
    dlt_suffix = ".dead",
    suffix = "index",
    same_delay = "multiple",
    offset_reset = "latest",
    auto_create = true,
    partitions = 6,
    replication = 3
);

mod others {
    pub(super) const NO_DLT: kafka_listen::Settings = kafka_listen::settings!(settings = super::ALL, dlt = false,);
    pub(super) static TIMEOUT: kafka_listen::Settings = kafka_listen::settings!(handler_timeout = "30s");
}

#[kafka_listener(topic = "shared.all", settings = ALL)]
async fn all(_: &[u8]) {}

#[kafka_listener(topic = "shared.others", settings = others::NO_DLT, attempts = 1)]
fn no_dlt(_: &[u8]) {}

#[kafka_listener(topic = "shared.static", settings = others::TIMEOUT)]
#[kafka_listener(topic = "shared.again", settings = self::others::TIMEOUT, id = "shared_again")]
async fn timeout(_: &[u8]) {}
