//! What the headers of a dead letter weigh, names and values, after five attempts of a record of 100 bytes.

use std::sync::Mutex;

use kafka_listen::prelude::*;
use serde_json::json;
use tokio::sync::Notify;

use crate::lab::{Error, Lab};
use crate::stage::{Fill, Stage};
use crate::table::{Bound, Row, Unit};

static SEEN: Mutex<Vec<(String, usize)>> = Mutex::new(Vec::new());
static DEAD: Notify = Notify::const_new();

#[kafka_listener(topic = "letters", group = "letters-group", attempts = 5, backoff(delay = 10, multiplier = 2))]
async fn fail(_value: &[u8]) -> Result<(), &'static str> {
    Err("the mail server does not answer")
}

#[dlt_handler(fail)]
async fn dead(headers: Headers<'_>) {
    let sizes = headers.iter().map(|header| {
        let name = String::from_utf8_lossy(header.name).into_owned();
        (name, header.name.len() + header.value.map_or(0, <[u8]>::len))
    });
    if let Ok(mut seen) = SEEN.lock() {
        *seen = sizes.collect();
    }
    DEAD.notify_one();
}

pub fn run(lab: &Lab) -> Result<Vec<Row>, Error> {
    let stage = Stage::start();
    stage.create(lab, ["letters"], 1)?;
    stage.fill(Fill::new("letters", 1, 1, 100))?;
    lab.run(async {
        let app = App::new().property("bootstrap.servers", stage.bootstrap());
        let running = app.listener(fail).start().await?;
        DEAD.notified().await;
        running.stop().await;
        Ok::<_, Error>(())
    })?;
    let seen = std::mem::take(&mut *SEEN.lock().map_err(|error| error.to_string())?);
    let is_trace = |name: &str| name == "kafka_exception-stacktrace";
    let all: usize = seen.iter().map(|(_, size)| size).sum();
    let without: usize = seen.iter().filter(|(name, _)| !is_trace(name)).map(|(_, size)| size).sum();
    let kept = json!(seen);
    Ok(vec![
        Row::new("headers of a dead letter but the trace", Unit::Bytes, [without as f64], kept.clone())
            .goal([Some(Bound::AtMost(600.0))]),
        Row::new("headers of a dead letter, all", Unit::Bytes, [all as f64], kept),
    ])
}
