//! Whose timestamp a record carries.

use kafka_listen::__internals::clock::Timestamp;
use kafka_listen::__internals::record::{RecordTime, TimestampType};

use crate::rig::{Rig, outgoing};

on_both_brokers! {
    the_producers_timestamp_is_kept,
    a_record_without_one_gets_the_time_of_the_call,
    the_broker_sets_its_own_where_the_topic_says_so,
}

/// Writes records with these timestamps to a topic with this setting, and reads them back.
fn through(rig: &Rig, kind: &str, timestamps: &[Option<Timestamp>]) -> Vec<RecordTime> {
    let topic = rig.topic_with("", 1, &[("message.timestamp.type", kind)]);
    for timestamp in timestamps {
        let mut record = outgoing(&topic, Some(0), None, "x");
        record.timestamp = *timestamp;
        rig.send(record).unwrap();
    }
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "all records are read", |[member]| member.records.len() == timestamps.len());
    member.records.iter().map(|(_, record)| record.time).collect()
}

fn the_producers_timestamp_is_kept(rig: &Rig) {
    let long_ago = [1, 1_600_000_000_123].map(Timestamp::from_millis);
    let times = through(rig, "CreateTime", &long_ago.map(Some));
    assert_eq!(times, long_ago.map(|at| RecordTime { kind: TimestampType::CreateTime, at }));
}

fn a_record_without_one_gets_the_time_of_the_call(rig: &Rig) {
    let before = rig.broker.clock().now();
    let time = through(rig, "CreateTime", &[None])[0];
    let after = rig.broker.clock().now();
    assert_eq!(time.kind, TimestampType::CreateTime);
    assert!(before <= time.at && time.at <= after, "{before} {} {after}", time.at);
}

fn the_broker_sets_its_own_where_the_topic_says_so(rig: &Rig) {
    let before = rig.broker.clock().now();
    let times = through(rig, "LogAppendTime", &[Some(Timestamp::from_millis(1)), None]);
    let after = rig.broker.clock().now();
    for time in times {
        assert_eq!(time.kind, TimestampType::LogAppendTime);
        assert!(before <= time.at && time.at <= after, "{before} {} {after}", time.at);
    }
}
