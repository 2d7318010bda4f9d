//! How a chain topic that is there differs from what its listener wants, and what to do about it. Pure.
//!
//! What would lose records in the normal course of things is a problem and forbids the start; what could lose some is told
//! loudly; the rest is told.

use std::time::Duration;

use super::wanted::{MAX_BYTES, MIN_IN_SYNC, RETENTION, ROOM_FOR_HEADERS, WantedTopic, number, setting};
use crate::broker::TopicInfo;
use crate::observe::Event;
use crate::problem::Problems;
use crate::record::TopicName;

/// One thing that is to be known about a topic that the application can start with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drift {
    topic: TopicName,
    may_lose: bool,
    message: String,
}

impl Drift {
    /// As observers are told of it.
    pub(crate) fn event(&self) -> Event {
        let Self { topic, may_lose, message } = self.clone();
        Event::TopicDrift { topic, may_lose, message }
    }
}

/// All of these things, each once: two listeners may share a topic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drifts(Vec<Drift>);

impl Drifts {
    /// Each of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Drift> {
        self.0.iter()
    }

    fn note(&mut self, topic: &TopicName, message: String) {
        self.add(Drift { topic: topic.clone(), may_lose: false, message });
    }

    fn shout(&mut self, topic: &TopicName, message: String) {
        self.add(Drift { topic: topic.clone(), may_lose: true, message });
    }

    fn add(&mut self, drift: Drift) {
        if !self.0.contains(&drift) {
            self.0.push(drift);
        }
    }
}

/// What a chain topic has wrong with it: `problems` forbid the start, `drifts` do not.
pub(crate) fn compare(wanted: &WantedTopic, found: &TopicInfo, problems: &mut Problems, drifts: &mut Drifts) {
    forbidden(wanted, found, problems);
    partitions(wanted, found, drifts);
    replicas(wanted, found, drifts);
    retention(wanted, found, drifts);
    sizes(wanted, found, drifts);
}

fn forbidden(wanted: &WantedTopic, found: &TopicInfo, problems: &mut Problems) {
    let name = &wanted.new.name;
    if setting(found, "cleanup.policy").is_some_and(|policy| policy.split(',').any(|it| it.trim() == "compact")) {
        problems.add(format!(
            "the topic `{name}` is compacted, which loses records of one key while they wait: set its `cleanup.policy` to `delete`"
        ));
    }
    let replicas = u64::try_from(found.replication).unwrap_or_default();
    if let Some(in_sync) = number(found, MIN_IN_SYNC).filter(|in_sync| *in_sync > replicas) {
        problems.add(format!(
            "the topic `{name}` has {replicas} replicas and wants {in_sync} in sync, so that nothing can be written to it: \
             lower its `{MIN_IN_SYNC}`, or delete it and have it created with more, by `replication = {in_sync}` at the listener"
        ));
    }
}

fn partitions(wanted: &WantedTopic, found: &TopicInfo, drifts: &mut Drifts) {
    let (name, there, should) = (&wanted.new.name, found.partitions, wanted.new.partitions);
    let why = if wanted.partitions_set { "its listener's `partitions`" } else { "its source" };
    if there < should {
        drifts.note(
            name,
            format!(
                "the topic `{name}` has {there} partitions, {why} {should}: records of the others are spread by key; \
                 `kafka-topics.sh --alter --topic {name} --partitions {should}` adds what is missing"
            ),
        );
    } else if there > should {
        drifts.note(
            name,
            format!("the topic `{name}` has {there} partitions, {why} {should}: the rest of them stays empty, which does no harm"),
        );
    }
}

fn replicas(wanted: &WantedTopic, found: &TopicInfo, drifts: &mut Drifts) {
    let (name, there, should) = (&wanted.new.name, found.replication, wanted.replicas);
    if there < should {
        drifts.shout(
            name,
            format!(
                "the topic `{name}` has {there} replicas and its source {should}: what waits there may go with a broker; add \
                 replicas with `kafka-reassign-partitions.sh`, or have it created anew with `replication = {should}` at the listener"
            ),
        );
    }
    let in_sync = |of: Option<u64>| of.unwrap_or(1);
    let (there, should) = (in_sync(number(found, MIN_IN_SYNC)), in_sync(wanted.number(MIN_IN_SYNC)));
    if there < should {
        drifts.shout(
            name,
            format!(
                "the topic `{name}` acknowledges a record that {there} replicas have, its source one that {should} have: raise \
                 its `{MIN_IN_SYNC}` to {should}"
            ),
        );
    }
}

fn retention(wanted: &WantedTopic, found: &TopicInfo, drifts: &mut Drifts) {
    let name = &wanted.new.name;
    let words = |time: Duration| humantime::format_duration(time).to_string();
    let kept = number(found, RETENTION).map(Duration::from_millis);
    let set = wanted.number(RETENTION).map(Duration::from_millis).filter(|set| kept != Some(*set));
    if let Some(set) = set.map(words) {
        let kept = kept.map_or("for ever".to_owned(), |kept| format!("for {}", words(kept)));
        drifts.note(
            name,
            format!("the topic `{name}` keeps records {kept}, its listener's `retention` is {set}: change its `retention.ms`"),
        );
    }
    let Some(waits) = wanted.waits else { return };
    if let Some(kept) = kept.filter(|kept| *kept <= waits.longest) {
        let (kept, longest) = (words(kept), words(waits.longest));
        drifts.shout(
            name,
            format!(
                "the topic `{name}` keeps records for {kept} only, and they wait in it for up to {longest}: raise its \
                 `retention.ms`"
            ),
        );
    } else if let Some(kept) = kept.filter(|kept| *kept <= waits.asked_for) {
        let (kept, asked) = (words(kept), words(waits.asked_for));
        drifts.note(
            name,
            format!(
                "the topic `{name}` keeps records for {kept} only, and handlers may ask for a wait of up to {asked}: raise its \
                 `retention.ms`, or set a lower `max_retry_after`"
            ),
        );
    }
    if let Some(bytes) = number(found, "retention.bytes") {
        drifts.shout(
            name,
            format!(
                "the topic `{name}` keeps the last {bytes} bytes of each partition only, however long records have to wait: set \
                 its `retention.bytes` to -1"
            ),
        );
    }
}

fn sizes(wanted: &WantedTopic, found: &TopicInfo, drifts: &mut Drifts) {
    let name = &wanted.new.name;
    let should = wanted.number(MAX_BYTES).map(|bytes| bytes.saturating_sub(ROOM_FOR_HEADERS));
    if let (Some(there), Some(should)) = (number(found, MAX_BYTES), should)
        && there < should
    {
        drifts.shout(
            name,
            format!(
                "the topic `{name}` takes records of {there} bytes, its source of {should}: a larger one that fails gets no \
                 further than the DLT, without its value if need be; raise its `{MAX_BYTES}`"
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::broker::NewTopic;
    use crate::topics::wanted::Waits;

    type Settings<'a> = &'a [(&'a str, &'a str)];

    fn settings(settings: Settings<'_>) -> BTreeMap<String, String> {
        settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    /// A retry topic of a source with 6 partitions, 3 replicas of which 2 are in sync, and records up to 5 MB.
    fn wanted() -> WantedTopic {
        let config = settings(&[(MIN_IN_SYNC, "2"), (MAX_BYTES, &(5_000_000 + ROOM_FOR_HEADERS).to_string())]);
        let (longest, asked_for) = (Duration::from_secs(3600), Duration::from_secs(7200));
        let name = TopicName::new("t-retry").unwrap();
        WantedTopic {
            new: NewTopic { name, partitions: 6, replication: None, config },
            partitions_set: false,
            replicas: 3,
            waits: Some(Waits { longest, asked_for }),
            auto_create: true,
        }
    }

    /// What is said of a topic that is as wanted but for these settings, and has so many partitions and replicas.
    fn said(wanted: &WantedTopic, partitions: i32, replication: i32, differing: Settings<'_>) -> (Problems, Drifts) {
        let usual =
            [("cleanup.policy", "delete"), (MIN_IN_SYNC, "2"), (MAX_BYTES, "5000000"), ("retention.ms", "7200001")];
        let mut config = settings(&usual);
        config.extend(settings(&[("retention.bytes", "-1")]));
        config.extend(settings(differing));
        let (mut problems, mut drifts) = (Problems::default(), Drifts::default());
        compare(wanted, &TopicInfo { partitions, replication, config }, &mut problems, &mut drifts);
        (problems, drifts)
    }

    /// The one thing that is said, which does not forbid the start.
    fn drift(wanted: &WantedTopic, partitions: i32, replication: i32, differing: Settings<'_>) -> (bool, String) {
        let (problems, drifts) = said(wanted, partitions, replication, differing);
        assert!(problems.is_empty(), "{problems}");
        let [Drift { may_lose, message, .. }] = &drifts.0[..] else { panic!("{drifts:?}") };
        (*may_lose, message.clone())
    }

    #[test]
    fn a_topic_that_is_as_wanted_is_not_talked_about() {
        let (problems, drifts) = said(&wanted(), 6, 3, &[]);
        assert!(problems.is_empty() && drifts.0.is_empty(), "{problems} {drifts:?}");
        let dlt = WantedTopic { waits: None, ..wanted() };
        let (_, drifts) = said(&dlt, 6, 3, &[("retention.ms", "1000"), ("retention.bytes", "1000")]);
        assert!(drifts.0.is_empty(), "nothing waits in a DLT: {drifts:?}");
    }

    #[test]
    fn what_can_lose_a_record_is_told_loudly_and_what_cannot_is_told() {
        let of =
            |partitions, replication, differing: Settings<'_>| drift(&wanted(), partitions, replication, differing);
        for ((may_lose, said), loud, words) in [
            (of(2, 3, &[]), false, "has 2 partitions, its source 6: records of the others are spread by key"),
            (of(9, 3, &[]), false, "has 9 partitions, its source 6: the rest of them stays empty"),
            (of(6, 2, &[]), true, "has 2 replicas and its source 3: what waits there may go with a broker"),
            (of(6, 3, &[(MIN_IN_SYNC, "1")]), true, "raise its `min.insync.replicas` to 2"),
            (
                of(6, 3, &[("retention.ms", "3600000")]),
                true,
                "keeps records for 1h only, and they wait in it for up to 1h",
            ),
            (of(6, 3, &[("retention.ms", "7200000")]), false, "or set a lower `max_retry_after`"),
            (of(6, 3, &[("retention.bytes", "100")]), true, "set its `retention.bytes` to -1"),
            (of(6, 3, &[(MAX_BYTES, "4999999")]), true, "takes records of 4999999 bytes, its source of 5000000"),
        ] {
            assert!(said.starts_with("the topic `t-retry` ") && said.contains(words), "{words:?} is not in {said:?}");
            assert_eq!(may_lose, loud, "{said}");
        }
        let set = WantedTopic { partitions_set: true, ..wanted() };
        assert!(drift(&set, 2, 3, &[]).1.contains("has 2 partitions, its listener's `partitions` 6"));
    }

    #[test]
    fn a_retention_that_the_listener_sets_is_compared_with_the_topics() {
        let mut set = wanted();
        set.new.config.insert(RETENTION.to_owned(), "7200002".to_owned());
        assert_eq!(said(&set, 6, 3, &[("retention.ms", "7200002")]).1.iter().count(), 0);
        for (kept, words) in [("7200003", "keeps records for 2h 3ms"), ("-1", "keeps records for ever")] {
            let (may_lose, said) = drift(&set, 6, 3, &[("retention.ms", kept)]);
            assert!(!may_lose && said.contains(words) && said.contains("`retention` is 2h 2ms"), "{said}");
        }
    }

    #[test]
    fn what_would_lose_records_or_cannot_be_written_is_refused() {
        let refused = |replication, differing: Settings<'_>| said(&wanted(), 6, replication, differing).0.to_string();
        assert!(refused(3, &[("cleanup.policy", "delete, compact")]).contains("`t-retry` is compacted"));
        assert!(refused(1, &[]).contains("`t-retry` has 1 replicas and wants 2 in sync"));
        assert_eq!(refused(2, &[]), "");
    }

    #[test]
    fn what_two_listeners_find_is_told_once() {
        let (_, mut drifts) = said(&wanted(), 2, 3, &[]);
        let found = TopicInfo { partitions: 2, replication: 3, config: settings(&[(MIN_IN_SYNC, "2")]) };
        compare(&wanted(), &found, &mut Problems::default(), &mut drifts);
        assert_eq!(drifts.iter().count(), 1);
    }
}
