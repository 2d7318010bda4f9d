//! Looking without reading: what groups have committed, where logs begin and end, what lies in them.

use kafka_listen::__internals::record::{HeaderBuf, OwnedBody, Record};

use crate::rig::{Rig, outgoing, partition};

on_both_brokers! {
    what_a_group_has_committed_is_told_of_several_topics_and_of_an_unknown_group_nothing,
    topics_are_counted_without_their_settings,
    logs_are_told_from_their_first_record_to_their_last,
    records_are_looked_at_from_an_offset_on_without_a_membership,
}

fn what_a_group_has_committed_is_told_of_several_topics_and_of_an_unknown_group_nothing(rig: &Rig) {
    let (one, other) = (rig.topic_with("-one", 2, &[]), rig.topic_with("-other", 1, &[]));
    let places = [partition(&one, 1), partition(&other, 0)];
    places.iter().for_each(|place| rig.write(place, ["a", "b", "c"]));
    let mut member = rig.join(&[&one, &other]);
    rig.until([&mut member], "all are read", |[member]| member.records.len() == 6);
    let offsets: Vec<_> = places.iter().zip([1, 3]).map(|(place, offset)| (member.id(place), offset)).collect();
    member.consumer.commit(&offsets);
    rig.until([&mut member], "it is committed", |[member]| !member.answers.is_empty());
    let asked = [places[1].clone(), partition(&one, 0), places[0].clone()];
    let committed = |group: &str| rig.block_on(rig.admin().committed(group, &asked)).unwrap();
    assert_eq!(committed(&rig.group()), [Some(3), None, Some(1)]);
    assert_eq!(committed(&format!("{}-2", rig.group())), [None; 3]);
    assert!(rig.block_on(rig.admin().committed(&rig.group(), &[])).unwrap().is_empty());
}

fn topics_are_counted_without_their_settings(rig: &Rig) {
    let topics = [rig.topic_with("-three", 3, &[]), rig.topic_name("-missing"), rig.topic_with("-one", 1, &[])];
    assert_eq!(rig.block_on(rig.admin().partitions(&topics)).unwrap(), [Some(3), None, Some(1)]);
}

fn logs_are_told_from_their_first_record_to_their_last(rig: &Rig) {
    let topic = rig.topic(3);
    rig.write(&partition(&topic, 1), ["a", "b", "c"]);
    rig.write(&partition(&topic, 2), ["d"]);
    rig.beside.delete_records(&partition(&topic, 1), 2);
    let places: Vec<_> = (0..3).map(|number| partition(&topic, number)).collect();
    let ends = rig.block_on(rig.admin().ends(&places)).unwrap();
    assert_eq!(ends.iter().map(|ends| (ends.low, ends.high)).collect::<Vec<_>>(), [(0, 0), (2, 3), (0, 1)]);
    assert!(rig.block_on(rig.admin().ends(&[])).unwrap().is_empty());
}

fn records_are_looked_at_from_an_offset_on_without_a_membership(rig: &Rig) {
    let topic = rig.topic(3);
    let places = [0, 1, 2].map(|number| partition(&topic, number));
    rig.write(&places[0], (0..10).map(|number| number.to_string()));
    let mut with_header = outgoing(&topic, Some(1), None, "h");
    let headers = vec![HeaderBuf::new("whose", "ours")];
    with_header.body = OwnedBody { headers, ..with_header.body.to_owned_body() }.pack().unwrap();
    rig.send(with_header).unwrap();
    let from: Vec<_> = places.iter().cloned().zip([7, 0, 0]).collect();
    let peek = |from: &[_], most| rig.block_on(rig.admin().peek(&rig.group(), from, most)).unwrap().records;
    let mut seen = peek(&from, 2);
    seen.sort_by_key(|(place, record)| (place.clone(), record.offset));
    let value = |record: &Record| String::from_utf8(record.value().unwrap().to_vec()).unwrap();
    let values: Vec<_> = seen.iter().map(|(place, record)| (place.partition, value(record))).collect();
    assert_eq!(values, [(0, "7".to_owned()), (0, "8".to_owned()), (1, "h".to_owned())]);
    assert_eq!(seen[2].1.headers().get("whose"), Some(&b"ours"[..]));
    assert!(peek(&[], 2).is_empty());
    assert_eq!(rig.offsets(&rig.group(), &places[0]).committed, None, "a look commits nothing");
}
