//! How long after its due time a retry starts, when there is nothing else to do.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::RealKafka;

use crate::throughput::create;

/// Lateness in microseconds, by retry topic; negative is early.
#[derive(Clone, Default)]
struct Lateness(Arc<Mutex<BTreeMap<String, Vec<i64>>>>);

#[kafka_listener(
    topic = "late",
    group = "late-group",
    attempts = 5,
    backoff(delay = 1000, multiplier = 2),
    order = "none"
)]
async fn fail(
    topic: Topic,
    #[header("retry_topic-backoff-timestamp")] due: Option<&[u8]>,
    State(lateness): State<Lateness>,
) -> Result<(), &'static str> {
    if let Some(due) = due {
        let due = due.iter().fold(0_i64, |due, byte| due << 8 | i64::from(*byte));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_micros() as i64);
        let mut late = lateness.0.lock().expect("nobody panics with it");
        late.entry(topic.to_string()).or_default().push(now - due * 1000);
    }
    Err("on purpose")
}

/// Sends records that always fail, so many a second, and prints how late each of their retries was.
pub fn run(kafka: &RealKafka, per_second: usize, seconds: usize) -> Result<(), Box<dyn Error>> {
    create(kafka, "late", 1);
    let runtime = tokio::runtime::Runtime::new()?;
    let lateness = Lateness::default();
    let app = App::new().property("bootstrap.servers", kafka.bootstrap()).state(lateness.clone()).listener(fail);
    runtime.block_on(async {
        let mut running = app.start().await?;
        running.ready().await?;
        let mut ticks = tokio::time::interval(Duration::from_secs_f64(1.0 / per_second as f64));
        for _ in 0..per_second * seconds {
            ticks.tick().await;
            running.producer().to("late").text("x").send().await?;
        }
        tokio::time::sleep(Duration::from_secs(17)).await;
        running.stop().await;
        Ok::<_, Box<dyn Error>>(())
    })?;
    println!("{per_second}/s for {seconds} s; late by, in ms:      n     min     p50     p90     p99     max");
    let mut all = Vec::new();
    for (topic, late) in lateness.0.lock().expect("nobody panics with it").iter() {
        print(topic, late);
        all.extend(late);
    }
    print("all", &all);
    Ok(())
}

fn print(topic: &str, late: &[i64]) {
    let mut late = late.to_vec();
    late.sort_unstable();
    let at =
        |share: f64| late.get(((late.len().max(1) - 1) as f64 * share) as usize).map_or(0.0, |us| *us as f64 / 1000.0);
    let [min, p50, p90, p99, max] = [0.0, 0.5, 0.9, 0.99, 1.0].map(at);
    println!("{topic:>34} {:>6} {min:>7.2} {p50:>7.2} {p90:>7.2} {p99:>7.2} {max:>7.2}", late.len());
}
