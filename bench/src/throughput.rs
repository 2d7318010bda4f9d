//! Records a second, and CPU time per record.

use std::error::Error;

use kafka_listen_tests::real_kafka::RealKafka;

use crate::{bare, listening, produce};

/// Measures, alternating, and prints each round and the medians.
pub fn run(kafka: &RealKafka, records: usize, rounds: usize) -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    println!("{records} records a round, {rounds} rounds; M records/s · CPU µs per record");
    for (partitions, bytes) in [(1, 100), (6, 100), (6, 1024)] {
        let topic = format!("bench-{partitions}-{bytes}");
        create(kafka, &topic, partitions);
        produce::fill(&kafka.bootstrap(), &topic, partitions, records, bytes)?;
        let mut ratios = Vec::new();
        for round in 0..rounds {
            let group = |who: &str| format!("{who}-{topic}-{round}");
            let bare = bare::read(&kafka.bootstrap(), &topic, &group("bare"), records)?;
            let ours = runtime.block_on(listening::read(&kafka.bootstrap(), &topic, &group("ours"), records))?;
            println!(
                "{bytes:>5} B, {partitions} partitions: bare {:.2} · {:.2}   kafka-listen {:.2} · {:.2}",
                bare.per_second(records) / 1e6,
                bare.cpu_micros(records),
                ours.per_second(records) / 1e6,
                ours.cpu_micros(records),
            );
            ratios.push((
                bare.time.as_secs_f64() / ours.time.as_secs_f64(),
                ours.cpu.as_secs_f64() / bare.cpu.as_secs_f64(),
            ));
        }
        let speed = median(ratios.iter().map(|ratio| ratio.0));
        let cpu = median(ratios.iter().map(|ratio| ratio.1));
        println!(
            "{bytes:>5} B, {partitions} partitions: median speed ÷ bare {speed:.2}, CPU per record ÷ bare {cpu:.2}\n"
        );
    }
    Ok(())
}

/// Creates a topic.
pub fn create(kafka: &RealKafka, topic: &str, partitions: i32) {
    let partitions = partitions.to_string();
    let arguments = ["--create", "--topic", topic, "--partitions", &partitions];
    kafka.tool("org.apache.kafka.tools.TopicCommand", arguments);
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
