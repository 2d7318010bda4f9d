//! Which partition a record goes to.

use kafka_listen::__internals::record::{Outgoing, PublishErrorKind, Wanted};

use crate::rig::{Rig, outgoing};

on_both_brokers! {
    keys_land_where_the_java_client_puts_them,
    a_partition_that_is_not_there_leaves_it_to_the_key,
    a_partition_and_no_other_is_there_or_an_error,
    without_a_key_any_partition_will_do,
}

/// Hashes of the Java client's own tests.
const HASHES: [(&str, i32); 6] = [
    ("21", -973_932_308),
    ("foobar", -790_332_482),
    ("a-little-bit-long-string", -985_981_536),
    ("a-little-bit-longer-string", -1_486_304_829),
    ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
    ("abc", 479_470_107),
];

fn javas(hash: i32, partitions: i32) -> i32 {
    (hash & i32::MAX) % partitions
}

fn keys_land_where_the_java_client_puts_them(rig: &Rig) {
    for partitions in [1, 6, 7] {
        let topic = rig.topic_with(&format!("-{partitions}"), partitions, &[]);
        for (key, hash) in HASHES {
            let written = rig.send(outgoing(&topic, None, Some(key), "x")).unwrap();
            assert_eq!(written.partition, javas(hash, partitions), "{key} among {partitions}");
        }
        // The hash of no bytes, which is what an empty key is; only a null key is none.
        let written = rig.send(outgoing(&topic, None, Some(""), "x")).unwrap();
        assert_eq!(written.partition, javas(275_646_681, partitions), "the empty key among {partitions}");
    }
}

fn a_partition_that_is_not_there_leaves_it_to_the_key(rig: &Rig) {
    let topic = rig.topic(3);
    for (key, hash) in HASHES {
        for (wanted, expected) in [(0, 0), (2, 2), (3, javas(hash, 3)), (99, javas(hash, 3))] {
            let written = rig.send(outgoing(&topic, Some(wanted), Some(key), "x")).unwrap();
            assert_eq!(written.partition, expected, "{key}, wanted {wanted}");
        }
    }
}

fn a_partition_and_no_other_is_there_or_an_error(rig: &Rig) {
    let topic = rig.topic(3);
    let exactly = |number| Outgoing { partition: Wanted::Exactly(number), ..outgoing(&topic, None, Some("21"), "x") };
    for missing in [3, 99] {
        let error = rig.send(exactly(missing)).unwrap_err();
        assert_eq!(error.kind, PublishErrorKind::NoSuchTopic, "{error}");
        assert!(error.message.contains(&format!("has no partition {missing}")), "{error}");
    }
    for there in 0..3 {
        let written = rig.send(exactly(there)).unwrap();
        assert_eq!((written.partition, written.offset), (there, 0), "nothing was written elsewhere");
    }
}

fn without_a_key_any_partition_will_do(rig: &Rig) {
    let topic = rig.topic(3);
    for wanted in [None, Some(3)] {
        let written = rig.send(outgoing(&topic, wanted, None, "x")).unwrap();
        assert!((0..3).contains(&written.partition));
    }
    assert_eq!(rig.send(outgoing(&topic, Some(1), None, "x")).unwrap().partition, 1);
}
