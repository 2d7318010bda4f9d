//! A record that fails goes from side to side at every hop of its chain, at the right attempt and never early; its dead letter is
//! read by the side that did not write it.

use kafka_listen::App;
use kafka_listen_tests::real_kafka::shared;
use rdkafka::message::ToBytes;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

use super::chains::{self, Both, Dead};
use super::spring;
use super::support::{PATIENCE, client, until};

const DELAYED: &[&str] = &["", "-retry-200", "-retry-400", "-retry-800", "-retry-1600", "-dlt"];
const INDEXED: &[&str] = &["", "-retry-0", "-retry-1", "-retry-2", "-retry-3", "-dlt"];
const SINGLE: &[&str] = &["", "-retry", "-retry", "-retry", "-retry", "-dlt"];
const CAPPED: &[&str] = &["", "-retry-200", "-retry-400", "-retry-500", "-retry-500", "-dlt"];
const TWICE: &[&str] = &["", "-retry", "-dlt"];
const ONCE: &[&str] = &["", "-dlt"];

const DOUBLING: &[i64] = &[200, 400, 800, 1600];
const EQUAL: &[i64] = &[300; 4];

const TIMESTAMP: i64 = 1_700_000_000_000;

/// `path` is what follows the source topics' name, hop by hop; every other topic of it is Spring's, the first one if `spring_begins`.
async fn from_side_to_side(
    sources: &[&str],
    path: &[&str],
    delays: &[i64],
    spring_begins: bool,
    listener: impl FnOnce(App) -> App,
) {
    spring();
    let mut topics = path.to_vec();
    topics.dedup();
    let springs: Vec<_> = topics.iter().skip(usize::from(!spring_begins)).step_by(2).collect();
    let all: Vec<_> = sources.iter().flat_map(|source| springs.iter().map(move |it| format!("{source}{it}"))).collect();
    let both = Both::start(&all, listener).await;
    sources.iter().for_each(|source| produce(source, "k", *source));
    until("both sides' last delivery has its dead letter", || both.dead(sources[0]).len() == sources.len()).await;
    let (delivered, dead) = (both.delivered(sources[0]), both.dead(sources[0]));
    both.stop().await;

    let is_springs = |suffix: &str| springs.contains(&&suffix);
    let (dlt, deliveries) = path.split_last().unwrap();
    for source in sources {
        let of_this: Vec<_> = delivered.iter().filter(|(_, it)| it.value == *source).collect();
        let is: Vec<_> =
            of_this.iter().map(|(spring, it)| (*spring, it.topic.clone(), it.partition, it.attempt)).collect();
        let must = deliveries.iter().zip(1..);
        let must: Vec<_> =
            must.map(|(suffix, attempt)| (is_springs(suffix), format!("{source}{suffix}"), 0, attempt)).collect();
        assert_eq!(is, must);
        are_in_time(&of_this.iter().map(|(_, it)| it.at).collect::<Vec<_>>(), delays);
        let (by_spring, dead) = dead.iter().find(|(_, it)| it.value == *source).unwrap();
        assert_eq!(
            (*by_spring, dead),
            (
                is_springs(dlt),
                &letter(source, sources[0], deliveries.len(), is_springs(deliveries[deliveries.len() - 1]))
            )
        );
    }
}

/// What the dead letter tells of a record whose last of so many deliveries failed on this side.
pub fn letter(source: &str, first_source: &str, deliveries: usize, by_spring: bool) -> Dead {
    // What each makes of a failure, and what the other reads of it.
    let (error, message) = if by_spring {
        ("java.lang.IllegalStateException", "Listener failed; boom")
    } else {
        ("interop::chains::Failed", "boom")
    };
    Dead {
        topic: format!("{source}-dlt"),
        partition: 0,
        value: source.to_owned(),
        original_topic: source.to_owned(),
        original_partition: 0,
        original_offset: 0,
        original_timestamp: Some(TIMESTAMP),
        original_timestamp_type: Some("CreateTime".to_owned()),
        group: Some(format!("{first_source}.group")),
        error: Some(error.to_owned()),
        message: Some(message.to_owned()),
        attempts: Some(i32::try_from(deliveries).unwrap() + 1),
    }
}

/// No delivery is early, and none so late that it was not waited for.
fn are_in_time(deliveries: &[i64], delays: &[i64]) {
    for (pair, delay) in deliveries.windows(2).zip(delays) {
        let late = pair[1] - pair[0] - delay;
        // A due time is a whole millisecond of the wall clock, and so is the failure that it counts from.
        assert!((-1..20_000).contains(&late), "{late} ms after {delay} ms: {deliveries:?}");
    }
}

pub fn produce(topic: &str, key: &(impl ToBytes + ?Sized), value: &(impl ToBytes + ?Sized)) {
    let producer: BaseProducer = client(shared()).create().unwrap();
    let record = BaseRecord::to(topic).partition(0).key(key).payload(value).timestamp(TIMESTAMP);
    producer.send(record).map_err(|(error, _)| error).unwrap();
    producer.flush(PATIENCE).unwrap();
}

/// A test for each: sources, the path of a record, its delays, whether Spring begins, the listener of ours.
macro_rules! tests {
    ($($name:ident: $sources:expr, $path:expr, $delays:expr, $spring_begins:expr, $listener:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                let listener = |app: App| app.listener(chains::$listener::fail);
                from_side_to_side(&$sources, $path, $delays, $spring_begins, listener).await;
            }
        )*
    };
}

tests! {
    delays_from_spring: ["delayed.spring"], DELAYED, DOUBLING, true, delayed_spring;
    delays_from_ours: ["delayed.ours"], DELAYED, DOUBLING, false, delayed_ours;
    numbers_from_spring: ["indexed.spring"], INDEXED, DOUBLING, true, indexed_spring;
    numbers_from_ours: ["indexed.ours"], INDEXED, DOUBLING, false, indexed_ours;
    equal_delays_in_topics_of_their_own_from_spring: ["multiple.spring"], INDEXED, EQUAL, true, multiple_spring;
    equal_delays_in_topics_of_their_own_from_ours: ["multiple.ours"], INDEXED, EQUAL, false, multiple_ours;
    one_retry_topic_from_spring: ["single.spring"], SINGLE, EQUAL, true, single_spring;
    one_retry_topic_from_ours: ["single.ours"], SINGLE, EQUAL, false, single_ours;
    a_limit_from_spring: ["capped.spring"], CAPPED, &[200, 400, 500, 500], true, capped_spring;
    a_limit_from_ours: ["capped.ours"], CAPPED, &[200, 400, 500, 500], false, capped_ours;
    one_retry_from_spring: ["twice.spring"], TWICE, &[300], true, twice_spring;
    one_retry_from_ours: ["twice.ours"], TWICE, &[300], false, twice_ours;
    no_retry_from_spring: ["once.spring"], ONCE, &[], true, once_spring;
    no_retry_from_ours: ["once.ours"], ONCE, &[], false, once_ours;
    two_sources_from_spring: ["pair.spring", "pair.spring.second"], DELAYED, DOUBLING, true, pair_spring;
    two_sources_from_ours: ["pair.ours", "pair.ours.second"], DELAYED, DOUBLING, false, pair_ours;
}
