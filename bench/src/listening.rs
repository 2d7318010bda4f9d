//! The listener that is measured: it looks at its record and does nothing.

use std::error::Error;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kafka_listen::prelude::*;
use tokio::sync::Notify;

use crate::round::Round;
use crate::usage::cpu;

static COUNT: AtomicUsize = AtomicUsize::new(0);
static ENOUGH: AtomicUsize = AtomicUsize::new(usize::MAX);
static BEGIN: OnceLock<std::sync::Mutex<Option<(Instant, Duration)>>> = OnceLock::new();
static DONE: Notify = Notify::const_new();

#[kafka_listener(topic = "${bench.topic}", group = "${bench.group}")]
async fn look(value: &[u8]) {
    std::hint::black_box(value.len());
    let count = COUNT.fetch_add(1, Ordering::Relaxed) + 1;
    if count == 1 {
        *BEGIN.get_or_init(Default::default).lock().expect("nobody panics with it") = Some((Instant::now(), cpu()));
    }
    if count == ENOUGH.load(Ordering::Relaxed) {
        DONE.notify_one();
    }
}

/// Reads all records of a topic, with the crate's own settings.
pub async fn read(bootstrap: &str, topic: &str, group: &str, records: usize) -> Result<Round, Box<dyn Error>> {
    COUNT.store(0, Ordering::Relaxed);
    ENOUGH.store(records, Ordering::Relaxed);
    let app = App::new().property("bootstrap.servers", bootstrap).listener(look);
    let running = app.property("bench.topic", topic).property("bench.group", group).start().await?;
    DONE.notified().await;
    let begin = BEGIN.get_or_init(Default::default).lock().expect("nobody panics with it").take();
    let (since, used) = begin.ok_or("there is no record")?;
    let round = Round { time: since.elapsed(), cpu: cpu() - used };
    running.stop().await;
    Ok(round)
}
