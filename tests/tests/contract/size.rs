//! Large records, records that are too large, and compressed ones.

use kafka_listen::__internals::record::PublishErrorKind;

use crate::rig::{Rig, noise, outgoing, partition};

on_both_brokers! {
    a_topic_refuses_what_is_larger_than_it_says,
    a_large_record_passes_where_the_topic_takes_it,
    what_another_client_compressed_is_read,
}

fn a_topic_refuses_what_is_larger_than_it_says(rig: &Rig) {
    let topic = rig.topic_with("", 1, &[("max.message.bytes", "20000")]);
    let (small, large) = (noise(19_000), noise(21_000));
    assert_eq!(rig.send(outgoing(&topic, Some(0), None, small.clone())).unwrap().offset, 0);
    let record = outgoing(&topic, Some(0), Some("key"), large);
    let error = rig.send(record.clone()).unwrap_err();
    assert_eq!(error.kind, PublishErrorKind::TooLarge, "{error}");
    assert_eq!(error.record, record);
    assert_eq!(rig.send(outgoing(&topic, Some(0), None, small)).unwrap().offset, 1, "its neighbours pass");
}

fn a_large_record_passes_where_the_topic_takes_it(rig: &Rig) {
    let topic = rig.topic_with("", 1, &[("max.message.bytes", "5000000")]);
    let large = noise(3_000_000);
    rig.write(&partition(&topic, 0), [large.clone(), b"small".to_vec()]);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "both are read", |[member]| member.records.len() == 2);
    assert!(member.records[0].1.value() == Some(&large[..]));
    assert_eq!(member.records[1].1.value(), Some(&b"small"[..]));
}

fn what_another_client_compressed_is_read(rig: &Rig) {
    let topic = rig.topic(1);
    let values: Vec<Vec<u8>> =
        (0..200).map(|n| format!("{n} {}", "again and again ".repeat(50)).into_bytes()).collect();
    rig.beside.produce_compressed(&partition(&topic, 0), &values);
    let mut member = rig.join(&[&topic]);
    rig.until([&mut member], "all are read", |[member]| member.records.len() == 200);
    let read: Vec<_> = member.records.iter().map(|(_, record)| record.value().unwrap().to_vec()).collect();
    assert!(read == values);
}
