//! A process that tests start, kill and stop: a listener that writes a line for each delivery before it ends.
//!
//! A record's value is a number. One that is divisible by 10 always fails; one that leaves 1 fails twice. The line is
//! `MICROS NUMBER TOPIC PARTITION OFFSET ATTEMPT RESULT`; it is in the file before the delivery ends, so it outlives a SIGKILL.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kafka_listen::prelude::*;

#[derive(Clone)]
struct Log(Arc<File>);

impl Log {
    fn write(&self, number: u64, delivery: &Delivery<'_>, attempt: u32, result: &str) {
        let micros = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_micros();
        let (topic, partition, offset) = (delivery.topic(), delivery.partition(), delivery.offset());
        let line = format!("{micros} {number} {topic} {partition} {offset} {attempt} {result}\n");
        // One write of one line: appends of several threads do not mix.
        (&*self.0).write_all(line.as_bytes()).expect("the log can be written");
    }
}

#[kafka_listener(
    topic = "${worker.topic}",
    group = "${worker.group}",
    attempts = 4,
    backoff(delay = "${worker.delay:100}", multiplier = 2)
)]
async fn work(value: &str, delivery: &Delivery<'_>, attempt: Attempt, State(log): State<Log>) -> Result<(), String> {
    let number: u64 = value.parse().expect("the test wrote a number");
    tokio::time::sleep(Duration::from_millis(2)).await;
    let fails = number.is_multiple_of(10) || number % 10 == 1 && attempt.number < 3;
    log.write(number, delivery, attempt.number, if fails { "failed" } else { "handled" });
    if attempt.number == 2 && std::env::var("WORKER_DIES_AT").is_ok_and(|at| at == value) {
        // The copy that is being handled was acknowledged a moment ago; its source may not be committed yet.
        std::process::abort();
    }
    if fails { Err(format!("{number} fails")) } else { Ok(()) }
}

#[dlt_handler(work)]
async fn dead(value: &str, delivery: &Delivery<'_>, State(log): State<Log>) {
    log.write(value.parse().expect("the test wrote a number"), delivery, 0, "dead");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let variable = |name: &str| std::env::var(name).map_err(|error| format!("{name}: {error}"));
    let file = OpenOptions::new().create(true).append(true).open(variable("WORKER_LOG")?)?;
    let app = App::new()
        .property("bootstrap.servers", variable("WORKER_KAFKA")?)
        .property("worker.topic", variable("WORKER_TOPIC")?)
        .property("worker.group", variable("WORKER_GROUP")?)
        .property("worker.delay", std::env::var("WORKER_DELAY").unwrap_or_else(|_| "100".to_owned()))
        // A killed worker's partitions are free after this time; a busy machine must not make a living one seem dead.
        .property("session.timeout.ms", "6000")
        .property("heartbeat.interval.ms", "500")
        .state(Log(Arc::new(file)));
    app.run().await?;
    Ok(())
}
