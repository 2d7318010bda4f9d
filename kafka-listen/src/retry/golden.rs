//! What Spring for Apache Kafka wrote, read from the recordings in `tests/golden`, for tests.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::record::{HeaderBuf, OwnedBody, Record, RecordTime, TimestampType, TopicName, TopicPartition};

#[derive(Deserialize)]
pub(super) struct Topics {
    pub(super) configs: Vec<Configured>,
}

/// A set of values of Spring's annotation, and what came of it.
#[derive(Deserialize)]
pub(super) struct Configured {
    pub(super) config: Config,
    pub(super) topic: String,
    pub(super) group: String,
    pub(super) path: Vec<String>,
    pub(super) topics: std::collections::BTreeMap<String, GroupOf>,
}

#[derive(Deserialize)]
pub(super) struct Config {
    pub(super) attempts: u32,
    pub(super) delay: u64,
    pub(super) multiplier: Option<f64>,
    pub(super) max_delay: Option<u64>,
    pub(super) suffixing: String,
    pub(super) reuse: String,
    pub(super) retry_suffix: Option<String>,
    pub(super) dlt_suffix: Option<String>,
    #[serde(default)]
    pub(super) dlt_routes: Vec<String>,
    pub(super) dlt: Option<bool>,
    #[serde(default)]
    pub(super) names_vary_by_start: bool,
}

#[derive(Deserialize)]
pub(super) struct GroupOf {
    pub(super) group: String,
}

#[derive(Deserialize)]
pub(super) struct Records {
    pub(super) cases: Vec<Case>,
    pub(super) reading: Vec<Reading>,
}

#[derive(Deserialize)]
pub(super) struct Case {
    pub(super) case: String,
    pub(super) records: Vec<Recorded>,
}

#[derive(Deserialize)]
pub(super) struct Recorded {
    pub(super) topic: String,
    pub(super) partition: i32,
    pub(super) offset: i64,
    pub(super) timestamp: i64,
    headers: Vec<Vec<Value>>,
}

/// Headers written by hand to a retry topic, and those of the record that Spring wrote next.
#[derive(Deserialize)]
pub(super) struct Reading {
    sent: Vec<Vec<Value>>,
    pub(super) sent_at: i64,
    next: Vec<Vec<Value>>,
}

pub(super) fn topics() -> Vec<Configured> {
    let text = include_str!("../../tests/golden/spring-4.1.1-topics.json");
    serde_json::from_str::<Topics>(text).unwrap().configs
}

pub(super) fn records() -> Records {
    serde_json::from_str(include_str!("../../tests/golden/spring-4.1.1-records.json")).unwrap()
}

/// The records of one case.
pub(super) fn case(name: &str) -> Vec<Recorded> {
    records().cases.into_iter().find(|case| case.case == name).unwrap_or_else(|| panic!("no case {name}")).records
}

impl Recorded {
    pub(super) fn headers(&self) -> Vec<HeaderBuf> {
        headers(&self.headers)
    }

    pub(super) fn place(&self) -> TopicPartition {
        TopicPartition { topic: TopicName::new(self.topic.as_str()).unwrap(), partition: self.partition }
    }

    pub(super) fn record(&self) -> Record {
        record(self.offset, self.timestamp, self.headers())
    }
}

impl Reading {
    pub(super) fn sent(&self) -> Record {
        record(0, self.sent_at, headers(&self.sent))
    }

    pub(super) fn next(&self) -> Vec<HeaderBuf> {
        headers(&self.next)
    }
}

/// A record of which only headers and timestamp matter.
pub(super) fn record(offset: i64, timestamp: i64, headers: Vec<HeaderBuf>) -> Record {
    let time = RecordTime { kind: TimestampType::CreateTime, at: Timestamp::from_millis(timestamp) };
    Record::new(offset, time, OwnedBody { headers, ..OwnedBody::default() })
}

fn headers(entries: &[Vec<Value>]) -> Vec<HeaderBuf> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let header = |entry: &Vec<Value>| HeaderBuf {
        name: text(&entry[0]).unwrap().into(),
        value: text(&entry[1]).map(|hex| unhex(&hex)),
    };
    entries.iter().map(header).collect()
}

fn unhex(hex: &str) -> Bytes {
    let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(byte).collect()
}
