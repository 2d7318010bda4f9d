//! What is fetched and not taken is bounded. Measured in a process of its own, where nobody else allocates.

#![cfg(target_os = "linux")]

use std::process::Command;
use std::thread;
use std::time::Duration;

use kafka_listen::__internals::broker::kafka::KafkaBroker;
use kafka_listen::__internals::broker::{Broker, ConsumerEvent, ConsumerSpec, OffsetReset, Wake};
use kafka_listen_tests::real_kafka::shared;

use crate::member::{cluster, create, record, send, topic};

const MIB: usize = 1 << 20;

#[tokio::test]
async fn unread_records_take_no_more_than_may_be_read_ahead() {
    fill("unread", 6).await;
    let (little, all) = (grown("unread", 12 * MIB, &[]), grown("unread", 512 * MIB, &[]));
    // The limit stops new fetches; one more of each partition may be under way, and each record has its own overhead.
    assert!(little < 48, "grown by {little} MiB for 12 MiB to be read ahead");
    assert!(all > 100, "all of it fits 512 MiB, so it is there: grown by {all} MiB");
}

#[tokio::test]
async fn of_many_partitions_that_nobody_takes_from_nothing_stays() {
    fill("unread-of-many", 400).await;
    let grown = grown("unread-of-many", 12 * MIB, &["rests"]);
    // Each may hold three sixteenths of a MiB as long as it does not rest, which would be 75 MiB of all.
    assert!(grown < 60, "grown by {grown} MiB");
}

#[tokio::test]
async fn where_records_wait_a_fetch_unpacks_to_little_however_alike_they_are() {
    let name = "unread-alike";
    create(shared(), name, 6, &[]).await;
    let producer = cluster(shared(), &[]).producer().unwrap();
    (0..60_000).for_each(|number| send(&*producer, record(&topic(name), Some(number % 6), vec![0; 10_000])));
    producer.flush().await;
    let (waiting, all) = (grown(name, 64 * MIB, &["waits"]), grown(name, 64 * MIB, &[]));
    assert!(waiting < 64, "grown by {waiting} MiB");
    assert!(all > 100, "one fetch is large enough to bring all 600 MB: grown by {all} MiB");
}

/// Writes 120 MiB that no compression makes smaller: what a fetch brings is limited as it comes over the wire.
async fn fill(name: &str, partitions: i32) {
    create(shared(), name, partitions, &[]).await;
    let producer = cluster(shared(), &[]).producer().unwrap();
    let mut noise = 1_u64;
    for number in 0..120 * 1024 {
        let words = (0..128).flat_map(|_| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (noise ^ noise >> 29).to_le_bytes()
        });
        send(&*producer, record(&topic(name), Some(number % partitions), words.collect::<Vec<u8>>()));
    }
    producer.flush().await;
}

/// By how many MiB a process grows that never takes from this topic. It says so if it `rests`, and is told if all `waits`.
fn grown(name: &str, read_ahead: usize, how: &[&str]) -> usize {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "memory::measured", "--ignored", "--nocapture"]).env("MEASURE_TOPIC", name);
    child.env("MEASURE_HOW", how.join(" "));
    child.env("MEASURE_BOOTSTRAP", shared().bootstrap()).env("MEASURE_READ_AHEAD", read_ahead.to_string());
    let output = String::from_utf8(child.output().unwrap().stdout).unwrap();
    let grown = output.lines().find_map(|line| line.rsplit_once("grown by ")?.1.strip_suffix(" MiB"));
    grown.unwrap_or_else(|| panic!("{output}")).parse().unwrap()
}

/// Joins, never takes, and prints by how much the process has grown when it grows no more.
#[tokio::test]
#[ignore = "run by the tests above, in a process of its own"]
async fn measured() {
    let set = |name| std::env::var(name).expect("set by the tests above");
    let broker = KafkaBroker::new([("bootstrap.servers".to_owned(), set("MEASURE_BOOTSTRAP"))].into()).unwrap();
    let topic = topic(&set("MEASURE_TOPIC"));
    broker.admin().unwrap().describe(std::slice::from_ref(&topic)).await.unwrap();
    let read_ahead: usize = set("MEASURE_READ_AHEAD").parse().unwrap();
    let [rests, waits] = ["rests", "waits"].map(|how| set("MEASURE_HOW") == how);
    let spec = ConsumerSpec {
        group: format!("{topic}-{read_ahead}-{waits}"),
        topics: vec![(topic, OffsetReset::Earliest)],
        properties: Default::default(),
        read_ahead,
        waits,
        grows: false,
    };
    let before = resident();
    let mut consumer = broker.consumer(spec, Wake::new(|| {})).unwrap();
    let (mut grown, mut steady, mut events) = (0, 0, Vec::new());
    let mut told = 0;
    while events.is_empty() || steady < 200 {
        thread::sleep(Duration::from_millis(10));
        consumer.poll(&mut events);
        for event in &events[std::mem::replace(&mut told, events.len())..] {
            if let (ConsumerEvent::Readable(id), true) = (event, rests) {
                consumer.rest(*id);
            }
        }
        let most = grown.max(resident().saturating_sub(before) / MIB);
        steady = if most == grown { steady + 1 } else { 0 };
        grown = most;
    }
    println!("grown by {grown} MiB");
}

fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
}
