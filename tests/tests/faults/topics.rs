//! Topics that go, and logs that shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use kafka_listen_tests::history::check::{Expected, judge};
use kafka_listen_tests::history::{Delivery, Place, Step, Stored, broker, now};
use rdkafka::TopicPartitionList;
use rdkafka::topic_partition_list::Offset;

use crate::rig::{Load, Rig, admin, produce, shared, until};

/// What lay in a topic that was deleted: the broker keeps its files for a minute.
fn dump(rig: &Rig<'_>, topic: &str) -> BTreeMap<Place, Stored> {
    let mut all = BTreeMap::new();
    for folder in fs::read_dir(rig.kafka.dir().join("data")).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        // `TOPIC-PARTITION.ID-delete`
        let partition = name
            .strip_prefix(topic)
            .and_then(|rest| rest.strip_suffix("-delete")?.strip_prefix('-')?.split('.').next());
        let Some(partition) = partition.and_then(|text| text.parse().ok()) else { continue };
        for file in fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "log") {
                let arguments = ["--print-data-log", "--files", file.to_str().unwrap()];
                let text = rig.kafka.file_tool("kafka.tools.DumpLogSegments", arguments);
                all.extend(text.lines().filter_map(|line| dumped(topic, partition, line)));
            }
        }
    }
    all
}

/// `| offset: 3 LogAppendTime: 17 … key: 71 payload: 171`
fn dumped(topic: &str, partition: i32, line: &str) -> Option<(Place, Stored)> {
    let value = line.split("payload: ").nth(1)?.as_bytes().to_vec();
    let key = line.split(" key: ").nth(1)?.split(" payload: ").next().map(|key| key.as_bytes().to_vec());
    let field = |name: &str| line.split(name).nth(1)?.split_whitespace().next()?.parse::<i64>().ok();
    let place = Place { topic: of_the_past(topic), partition, offset: field("offset: ")? };
    Some((place, Stored { key, value, time: field("Time: ")?, ..Stored::default() }))
}

/// How the topic that is gone is told apart from the one that took its place.
fn of_the_past(topic: &str) -> String {
    format!("{topic} (deleted)")
}

#[test]
fn a_retry_topic_that_is_deleted_under_load_is_created_again_and_nothing_of_the_source_is_lost() {
    // What is gone is noticed within two seconds, not ten.
    let rig = Rig::new(shared(), "deleted", 3).set("WORKER_PROPERTIES", "topic.metadata.refresh.interval.ms=2000");
    let load = Load::start(&rig, 200);
    let (first, second) = (rig.start(&[]), rig.start(&[("WORKER_RUNTIME", "current_thread")]));
    rig.until_more(500);
    let retry = "deleted-retry-100";
    admin(rig.kafka, async |admin, options| admin.delete_topics(&[retry], options).await);
    let deleted = now();
    let retried = |worker: &crate::rig::Worker<'_, '_>| {
        worker
            .steps()
            .iter()
            .any(|(at, step)| *at > deleted && matches!(step, Step::Other(text) if text.starts_with("PublishFailed")))
    };
    until("copies find no topic", || retried(&first) || retried(&second));
    until("it is created again", || broker::topics(&rig.kafka.bootstrap(), retry).contains_key(retry));
    rig.until_more(500);
    let numbers = load.stop();
    let removed = dump(&rig, retry);
    let number = |stored: &Stored| String::from_utf8_lossy(&stored.value).parse::<u64>().unwrap();
    let gone: BTreeSet<u64> = removed.values().map(number).collect();
    println!("{} copies lay in the topic that was deleted", removed.len());
    assert!(!gone.is_empty());
    rig.until_over_but(numbers, &gone);
    first.stop();
    second.stop();

    let mut history = rig.history();
    let sources: BTreeMap<_, _> = history.records.iter().filter(|(place, _)| place.topic == rig.topic).collect();
    let sources: BTreeMap<_, _> = sources.into_iter().map(|(place, stored)| (number(stored), place.clone())).collect();
    for delivery in &mut history.deliveries {
        let place = &mut delivery.told.place;
        let is_there = history.records.get(place).is_some_and(|stored| number(stored) == delivery.told.number);
        if place.topic == retry && !is_there {
            place.topic = of_the_past(retry);
        }
    }
    for commit in &mut history.commits {
        if commit.next.topic == retry && (commit.time as u64) * 1000 < deleted {
            commit.next.topic = of_the_past(retry);
        }
    }
    history.records.extend(removed.into_iter().map(|(place, stored)| {
        let original = Some(sources[&number(&stored)].clone());
        (place, Stored { attempt: Some(2), original, ..stored })
    }));
    rig.tell(judge(&history, &Expected { removed: gone, ..Expected::default() }));
}

#[test]
fn records_that_are_gone_from_the_log_are_told_of_with_their_number_and_reading_goes_on() {
    let rig = Rig::new(shared(), "retained", 1);
    produce(&rig, 0..200);
    let worker = rig.start(&[]);
    rig.until_over(200);
    worker.stop();
    produce(&rig, 200..700);
    let mut before = TopicPartitionList::new();
    before.add_partition_offset("retained", 0, Offset::Offset(500)).unwrap();
    admin(rig.kafka, async |admin, options| admin.delete_records(&before, options).await);
    let worker = rig.start(&[]);
    let gone: BTreeSet<u64> = (200..500).collect();
    rig.until_over_but(700, &gone);
    let told = |step: &Step| matches!(step, Step::Other(told) if told.starts_with("Gone") && told.contains("from: 200, to: 500"));
    assert_eq!(worker.count(told), 1, "{:?}", worker.steps());
    worker.stop();
    let deliveries = rig.deliveries();
    assert_eq!(
        deliveries.iter().filter(|it| it.told.place.topic == "retained").count(),
        400,
        "each that was there, once"
    );
}

#[test]
fn after_the_committed_offsets_have_expired_what_is_retained_is_repeated_and_nothing_is_lost() {
    let rig = Rig::new(shared(), "expired", 2).set("WORKER_DELAY", "500");
    produce(&rig, 0..100);
    let worker = rig.start(&[]);
    until("some wait for their retries", || rig.ended() >= 100);
    worker.stop();
    let group = rig.group();
    let groups = [group.clone(), format!("{group}-retry"), format!("{group}-dlt")];
    let groups: Vec<_> = groups.iter().map(String::as_str).collect();
    admin(rig.kafka, async |admin, options| admin.delete_groups(&groups, options).await);
    let worker = rig.start(&[]);
    // Ten numbers die of each of the two deliveries of the source.
    let dead = |rig: &Rig<'_>| rig.deliveries().iter().filter(|it| it.told.place.topic == "expired-dlt").count();
    until("all copies have ended, too", || dead(&rig) >= 20 && rig.lags().values().all(|lag| *lag == 0));
    worker.stop();
    let deliveries = rig.deliveries();
    for number in 0..100 {
        let of_the_source = |it: &&Delivery| it.told.number == number && it.told.place.topic == "expired";
        assert_eq!(deliveries.iter().filter(of_the_source).count(), 2, "{number}, once more from the beginning");
    }
    assert_eq!(dead(&rig), 20);
}
