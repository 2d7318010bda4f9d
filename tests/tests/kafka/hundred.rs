//! A hundred listeners on a real Kafka: three consumers and few threads. Measured in a process of its own, whose threads are
//! all its own.

#![cfg(target_os = "linux")]

use std::process::Command;

use kafka_listen::App;
use kafka_listen_tests::real_kafka::RealKafka;

use super::hundred_listeners::{Seen, TOPICS, all};
use super::support::{create_topic_on, until};

#[test]
fn a_hundred_listeners_are_three_consumers_and_few_threads() {
    // Of its own: 600 topics would slow down what others measure.
    let kafka = RealKafka::start(&[]);
    TOPICS.iter().for_each(|topic| create_topic_on(&kafka, topic, 1, &[]));
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "hundred::measured", "--ignored", "--nocapture"]);
    let output = child.env("MEASURE_BOOTSTRAP", kafka.bootstrap()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let line = text.lines().find(|line| line.contains("threads")).unwrap();
    println!("{line}");
    let figures: Vec<u64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    assert_eq!(figures[0], 3, "consumers: {line}");
    assert!(figures[1] <= 30, "threads: {line}");
}

/// Not a test by itself: the process that the test above starts and reads.
#[tokio::test]
#[ignore = "started by a_hundred_listeners_are_three_consumers_and_few_threads"]
async fn measured() {
    let seen = Seen::default();
    let app = App::new().property("bootstrap.servers", std::env::var("MEASURE_BOOTSTRAP").unwrap());
    let mut running = all(app).state(seen.clone()).start().await.unwrap();
    running.ready().await.unwrap();
    for topic in TOPICS {
        running.producer().to(*topic).text("fail").send().await.unwrap();
    }
    until("each was delivered five times, and is dead", || seen.lock().unwrap().len() == 600).await;
    let threads = threads();
    // A consumer's thread has its group's name, cut to what the system keeps of it.
    let consumers = threads.iter().filter(|name| name.starts_with("hundred")).filter(|name| !name.contains("::"));
    // Two are the test harness's.
    println!("{} consumers {} threads {} MiB", consumers.count(), threads.len() - 2, resident_mib());
    running.stop().await;
}

/// The names of all threads of this process.
fn threads() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    // One may have ended meanwhile.
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
    names.map(|name| name.trim().to_owned()).collect()
}

fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
