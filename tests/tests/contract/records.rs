//! What a record is made of comes back as it was written, byte for byte.

use kafka_listen::__internals::record::{Header, HeaderBuf, Outgoing, OwnedBody, Record, Wanted};

use crate::rig::{Rig, partition};

on_both_brokers! {
    headers_come_back_with_their_order_names_and_nulls,
    null_and_empty_are_not_the_same,
    keys_and_values_are_any_bytes,
    a_detached_record_is_the_same_record,
}

/// Writes records with these bodies and reads them back.
fn through(rig: &Rig, bodies: &[OwnedBody]) -> Vec<Record> {
    let topic = rig.topic(1);
    let outgoing = |body: &OwnedBody| Outgoing {
        topic: topic.clone(),
        partition: Wanted::Exactly(0),
        body: body.pack().unwrap(),
        timestamp: None,
    };
    assert!(rig.send_all(bodies.iter().map(outgoing).collect()).iter().all(Result::is_ok));
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "all records are read", |[member]| member.records.len() == bodies.len());
    assert_eq!(member.offsets_of(&partition(&topic, 0)), (0..bodies.len() as i64).collect::<Vec<i64>>());
    member.records.into_iter().map(|(_, record)| record).collect()
}

fn body_of(record: &Record) -> OwnedBody {
    let header = |header: Header<'_>| HeaderBuf {
        name: header.name.to_vec().into(),
        value: header.value.map(|value| value.to_vec().into()),
    };
    OwnedBody {
        key: record.key().map(|key| key.to_vec().into()),
        value: record.value().map(|value| value.to_vec().into()),
        headers: record.headers().iter().map(header).collect(),
    }
}

fn assert_unchanged(rig: &Rig, bodies: &[OwnedBody]) {
    let read = through(rig, bodies);
    assert_eq!(read.iter().map(body_of).collect::<Vec<_>>(), bodies);
}

fn headers() -> Vec<HeaderBuf> {
    vec![
        HeaderBuf::new("twice", "first"),
        HeaderBuf::new("other", "x"),
        HeaderBuf::new("twice", "second"),
        HeaderBuf { name: "null".into(), value: None },
        HeaderBuf::new("empty", ""),
        HeaderBuf::new("", "a header without a name"),
        HeaderBuf::new(&[0xff, 0xfe, b'n'][..], &[0x00, 0xff, 0x80][..]),
        HeaderBuf::new("größe", "ü".repeat(300)),
    ]
}

fn headers_come_back_with_their_order_names_and_nulls(rig: &Rig) {
    let with = |headers| OwnedBody { value: Some("x".into()), headers, ..OwnedBody::default() };
    assert_unchanged(rig, &[with(vec![]), with(headers()), with(headers()[3..4].to_vec())]);
}

fn null_and_empty_are_not_the_same(rig: &Rig) {
    let of = |key: Option<&'static str>, value: Option<&'static str>| OwnedBody {
        key: key.map(Into::into),
        value: value.map(Into::into),
        headers: vec![],
    };
    let all = [None, Some(""), Some("x")].map(|key| [None, Some(""), Some("x")].map(|value| of(key, value)));
    assert_unchanged(rig, &all.concat());
}

fn keys_and_values_are_any_bytes(rig: &Rig) {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_unchanged(rig, &[OwnedBody { key: Some(bytes.clone().into()), value: Some(bytes.into()), headers: vec![] }]);
}

fn a_detached_record_is_the_same_record(rig: &Rig) {
    let body = OwnedBody { key: Some("key".into()), value: Some("value".into()), headers: headers() };
    let record = through(rig, std::slice::from_ref(&body)).remove(0);
    let (offset, time, size) = (record.offset, record.time, record.size());
    let detached = record.detach();
    assert_eq!((detached.offset, detached.time, detached.size()), (offset, time, size));
    assert_eq!(body_of(&detached), body);
}
