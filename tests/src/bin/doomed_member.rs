//! A member of a consumer group in a process of its own, to be killed by a test: joins, says `assigned` once it was
//! assigned something, and then only stays. It ends by itself when whoever started it is gone.
//!
//! `doomed_member BOOTSTRAP GROUP TOPIC SESSION_MS`

use std::io::Read;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext, Rebalance};

struct Says;

impl rdkafka::ClientContext for Says {}

impl ConsumerContext for Says {
    fn post_rebalance(&self, _: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if matches!(rebalance, Rebalance::Assign(partitions) if partitions.count() > 0) {
            println!("assigned");
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bootstrap, group, topic, session] = &arguments[..] else { panic!("BOOTSTRAP GROUP TOPIC SESSION_MS") };
    std::thread::spawn(|| {
        // Held open by whoever started this process, as long as it lives.
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(1);
    });
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("group.id", group).set("session.timeout.ms", session);
    config.set("heartbeat.interval.ms", "300").set("partition.assignment.strategy", "cooperative-sticky");
    config.set("enable.auto.commit", "false");
    let consumer: BaseConsumer<Says> = config.create_with_context(Says).expect("the settings are right");
    consumer.subscribe(&[topic]).expect("the topic's name is one");
    loop {
        drop(consumer.poll(Duration::from_millis(100)));
    }
}
