//! Administration: creating topics, describing them, adding partitions, deleting.

use kafka_listen::__internals::broker::ConsumerError;
use kafka_listen::__internals::record::TopicPartition;

use crate::rig::{Rig, partition};

on_both_brokers! {
    racing_instances_create_a_topic_once,
    a_topic_that_is_there_stays_as_it_is,
    a_topic_is_described_with_its_settings,
    what_is_missing_is_described_as_missing,
    all_topics_are_named_as_they_come_and_go,
    what_the_broker_refuses_is_an_error_of_that_topic_alone,
    a_partition_that_is_added_is_read_from_its_beginning,
    a_topic_that_is_made_anew_is_read_anew,
    a_topic_deleted_under_its_reader_is_lost_and_its_successor_read,
}

fn racing_instances_create_a_topic_once(rig: &Rig) {
    let new: Vec<_> = ["-a", "-b"].map(|suffix| rig.new_topic(suffix, 3, &[("retention.ms", "1000000")])).into();
    std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (admin, new) = (rig.broker.admin().unwrap(), &new);
                scope.spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    let created = runtime.block_on(admin.create(new)).unwrap();
                    assert!(created.iter().all(Result::is_ok), "{created:?}");
                    let names: Vec<_> = new.iter().map(|new| new.name.clone()).collect();
                    let described = runtime.block_on(admin.describe(&names)).unwrap();
                    assert!(described.iter().all(Option::is_some), "it can be used as soon as it is created");
                })
            })
            .collect();
        racers.into_iter().for_each(|racer| racer.join().unwrap());
    });
    let names: Vec<_> = new.iter().map(|new| new.name.clone()).collect();
    for info in rig.block_on(rig.admin().describe(&names)).unwrap() {
        assert_eq!(info.unwrap().partitions, 3);
    }
}

fn a_topic_that_is_there_stays_as_it_is(rig: &Rig) {
    let topic = rig.topic_with("", 2, &[("retention.ms", "1000000")]);
    rig.topic_with("", 5, &[("retention.ms", "5")]);
    let info = rig.block_on(rig.admin().describe(&[topic])).unwrap().remove(0).unwrap();
    assert_eq!((info.partitions, info.config["retention.ms"].as_str()), (2, "1000000"));
}

fn a_topic_is_described_with_its_settings(rig: &Rig) {
    let plain = rig.topic_with("-plain", 1, &[]);
    let own = [
        ("cleanup.policy", "compact"),
        ("max.message.bytes", "5242880"),
        ("min.insync.replicas", "2"),
        ("retention.ms", "-1"),
        ("retention.bytes", "1000000"),
    ];
    let set = rig.topic_with("-set", 4, &own);
    let described = rig.block_on(rig.admin().describe(&[plain, set])).unwrap();
    let [Some(plain), Some(set)] = &described[..] else { panic!("{described:?}") };
    assert_eq!((plain.partitions, set.partitions), (1, 4));
    let defaults = [
        ("cleanup.policy", "delete"),
        ("max.message.bytes", "1048588"),
        ("min.insync.replicas", "1"),
        ("retention.ms", "604800000"),
        ("retention.bytes", "-1"),
    ];
    for ((name, value), (_, default)) in own.into_iter().zip(defaults) {
        assert_eq!(set.config[name], value, "{name}");
        assert_eq!(plain.config[name], default, "{name}");
    }
}

fn what_is_missing_is_described_as_missing(rig: &Rig) {
    let there = rig.topic_with("-there", 1, &[]);
    let missing = rig.topic_name("-missing");
    let asked = [missing.clone(), there.clone(), missing, there];
    let described = rig.block_on(rig.admin().describe(&asked)).unwrap();
    let there: Vec<bool> = described.iter().map(Option::is_some).collect();
    assert_eq!(there, [false, true, false, true], "in the order of the question, however often it names them");
}

fn all_topics_are_named_as_they_come_and_go(rig: &Rig) {
    let (stays, goes) = (rig.topic_with("-stays", 1, &[]), rig.topic_with("-goes", 1, &[]));
    let named = || {
        let all = rig.block_on(rig.admin().topics()).unwrap();
        assert!(all.is_sorted(), "{all:?}");
        [&stays, &goes].map(|topic| all.contains(topic))
    };
    assert_eq!(named(), [true, true]);
    rig.beside.delete_topic(&goes);
    assert_eq!(named(), [true, false]);
}

fn what_the_broker_refuses_is_an_error_of_that_topic_alone(rig: &Rig) {
    let new = [
        rig.new_topic("-good", 1, &[]),
        rig.new_topic("-setting", 1, &[("retention.millis", "1")]),
        rig.new_topic("-value", 1, &[("retention.ms", "soon")]),
        rig.new_topic("-none", 0, &[]),
        rig.new_topic(".good", 1, &[]),
        rig.new_topic("_good", 1, &[]),
    ];
    let created = rig.block_on(rig.admin().create(&new)).unwrap();
    let good: Vec<bool> = created.iter().map(Result::is_ok).collect();
    assert_eq!(good[..4], [true, false, false, false], "{created:?}");
    assert_eq!(good[4] as u8 + good[5] as u8, 1, "`.` and `_` are the same to Kafka: {created:?}");
    for (new, created) in new.iter().zip(created) {
        if let Err(error) = created {
            assert_eq!(error.topic, new.name);
            assert!(error.to_string().contains(new.name.as_str()), "{error}");
        }
    }
}

fn a_partition_that_is_added_is_read_from_its_beginning(rig: &Rig) {
    let topic = rig.topic(1);
    let (old, added) = (partition(&topic, 0), partition(&topic, 1));
    let mut member = rig.join(&[&topic]);
    rig.write(&old, ["a"]);
    rig.until([&mut member], "the old one is read", |[member]| member.values() == ["a"]);
    let id = member.id(&old);

    rig.beside.create_partitions(&topic, 2);
    rig.write_anew(&added, ["b"]);
    rig.until([&mut member], "the group notices", |[member]| member.offsets_of(&added) == [0]);
    assert_eq!(member.has(&old), Some(id), "the old one was not disturbed");
    rig.write(&old, ["c"]);
    rig.until([&mut member], "the old one goes on", |[member]| member.offsets_of(&old) == [0, 1]);
}

fn a_topic_that_is_made_anew_is_read_anew(rig: &Rig) {
    let topic = rig.topic(1);
    let of: TopicPartition = partition(&topic, 0);
    rig.write(&of, ["old", "older"]);
    let mut first = rig.join(&[&topic]);
    rig.until([&mut first], "it is read", |[first]| first.records.len() == 2);
    first.consumer.close();
    rig.until([&mut first], "it is closed", |[first]| first.closed);

    rig.beside.delete_topic(&topic);
    assert_eq!(rig.block_on(rig.admin().describe(std::slice::from_ref(&topic))).unwrap(), [None]);
    rig.topic(1);
    rig.write(&of, ["new"]);
    let mut second = rig.join(&[&topic]);
    rig.until([&mut second], "the new one is read", |[second]| second.values() == ["new"]);
    assert_eq!(second.offsets_of(&of), [0]);
}

fn a_topic_deleted_under_its_reader_is_lost_and_its_successor_read(rig: &Rig) {
    let (stays, goes) = (rig.topic_with("-stays", 1, &[]), rig.topic_with("-goes", 1, &[]));
    let (kept, of) = (partition(&stays, 0), partition(&goes, 0));
    rig.write(&of, ["old", "older"]);
    let mut member = rig.join(&[&stays, &goes]);
    rig.until([&mut member], "it is read", |[member]| member.values() == ["old", "older"]);
    let (old, id) = (member.id(&of), member.id(&kept));
    rig.beside.delete_topic(&goes);
    rig.until([&mut member], "it is revoked", |[member]| member.has(&of).is_none());
    assert_eq!(member.ever_revoked, [(old, true)], "nothing of it can be committed any more");
    rig.topic_with("-goes", 1, &[]);
    rig.write_anew(&of, ["new"]);
    rig.until([&mut member], "the new one is read", |[member]| member.values() == ["old", "older", "new"]);
    assert_ne!(member.id(&of), old);
    assert_eq!(member.has(&kept), Some(id), "the other one was not disturbed");
    assert_eq!(member.gone, [], "it has a log of its own");
    let told = |failure: &ConsumerError| !failure.fatal && failure.message.contains(goes.as_str());
    assert!(member.failures.iter().all(told) && !member.failures.is_empty(), "{:?}", member.failures);
}
