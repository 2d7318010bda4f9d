//! Measures kafka-listen on a real Kafka that it starts by itself, and prints a table.
//!
//! `cargo run --release -p kafka-listen-bench -- throughput [RECORDS] [ROUNDS]`: records a second and CPU time per record of
//! a listener that does nothing, beside a bare `BaseConsumer::poll` loop on the same topic, alternating.
//!
//! `cargo run --release -p kafka-listen-bench -- lateness [PER_SECOND] [SECONDS]`: how long after its due time a retry
//! starts.

mod bare;
mod lateness;
mod listening;
mod produce;
mod round;
mod throughput;
#[expect(unsafe_code, reason = "the operating system is asked for CPU time")]
mod usage;

use kafka_listen_tests::real_kafka::RealKafka;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize, default: usize| arguments.get(index).map_or(Ok(default), |text| text.parse());
    match arguments.first().map(String::as_str) {
        Some("throughput") => throughput::run(&RealKafka::start(&[]), number(1, 1_000_000)?, number(2, 5)?),
        Some("lateness") => lateness::run(&RealKafka::start(&[]), number(1, 50)?, number(2, 20)?),
        _ => Err("say what to measure: `throughput [RECORDS] [ROUNDS]` or `lateness [PER_SECOND] [SECONDS]`".into()),
    }
}
