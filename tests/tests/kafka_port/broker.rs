//! The broker that the other tests stand on.

use kafka_listen_tests::real_kafka::{self, RealKafka};

#[test]
fn a_broker_stops_and_starts_and_its_tools_answer() {
    let kafka = RealKafka::start(&[("num.partitions", "3")]);
    let topics = |args: &[&str]| kafka.tool("org.apache.kafka.tools.TopicCommand", args);
    topics(&["--create", "--topic", "kept"]);
    kafka.kill();
    kafka.restart();
    kafka.stop();
    kafka.restart();
    assert!(topics(&["--describe", "--topic", "kept"]).contains("PartitionCount: 3"));
    assert_ne!(real_kafka::shared().bootstrap(), kafka.bootstrap());
}
