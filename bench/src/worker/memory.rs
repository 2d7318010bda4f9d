//! What a process holds behind many waiting records, and behind many partitions.

use std::time::Duration;

use kafka_listen::prelude::*;
use serde_json::{Value, json};

use crate::lab::Error;
use crate::meter::Meter;
use crate::usage::memory;

static METER: Meter = Meter::new();

/// How long a process is let alone before its memory is read.
const SETTLE: Duration = Duration::from_secs(8);

#[kafka_listener(topic = "waiting", group = "waiting-group", attempts = 2, backoff(delay = "1h"))]
async fn fail(_value: &[u8]) -> Result<(), &'static str> {
    METER.begin();
    METER.count();
    Err("on purpose")
}

/// The chain of which every retry topic holds records.
pub const CHAIN: [&str; 5] = ["wide", "wide-retry-0", "wide-retry-1", "wide-retry-2", "wide-retry-3"];
/// How many partitions each of its topics has.
pub const CHAIN_PARTITIONS: i32 = 500;

#[kafka_listener(
    topic = "wide",
    group = "wide-group",
    attempts = 5,
    backoff(delay = "1h"),
    same_delay = "multiple",
    dlt = false
)]
async fn look(_value: &[u8]) -> Result<(), &'static str> {
    Err("on purpose")
}

/// Every record fails and is written to the retry topic, where it waits for an hour.
pub async fn fail_all(bootstrap: &str, records: usize) -> Result<Value, Error> {
    METER.expect(records);
    let running = App::new().property("bootstrap.servers", bootstrap).listener(fail).start().await?;
    let round = METER.reached().await?;
    tokio::time::sleep(SETTLE).await;
    let (now, most) = memory();
    running.stop().await;
    Ok(json!({ "round": round.json(), "rss": now, "rss_most": most }))
}

/// The same listener, started anew, with nothing but waiting records.
pub async fn wait(bootstrap: &str) -> Result<Value, Error> {
    held(App::new().property("bootstrap.servers", bootstrap).listener(fail)).await
}

/// A listener whose retry topics have many partitions, all with waiting records.
pub async fn partitions(bootstrap: &str) -> Result<Value, Error> {
    held(App::new().property("bootstrap.servers", bootstrap).listener(look)).await
}

async fn held(app: App) -> Result<Value, Error> {
    let mut running = app.start().await?;
    running.ready().await?;
    tokio::time::sleep(SETTLE).await;
    let (now, most) = memory();
    running.stop().await;
    Ok(json!({ "rss": now, "rss_most": most }))
}
