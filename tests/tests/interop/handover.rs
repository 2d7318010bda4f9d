//! A record that fails goes from side to side at every hop of its chain, at the right attempt and never early; its dead letter is
//! read by the side that did not write it.

use kafka_listen::App;

use super::chains::{self, Both, letter, produce};
use super::spring;
use super::support::until;

const DELAYED: &[&str] = &["", "-retry-200", "-retry-400", "-retry-800", "-retry-1600", "-dlt"];
const INDEXED: &[&str] = &["", "-retry-0", "-retry-1", "-retry-2", "-retry-3", "-dlt"];
const SINGLE: &[&str] = &["", "-retry", "-retry", "-retry", "-retry", "-dlt"];
const CAPPED: &[&str] = &["", "-retry-200", "-retry-400", "-retry-500", "-retry-500", "-dlt"];
const CAPPED_INDEXED: &[&str] = &["", "-retry-0", "-retry-1", "-retry-2", "-retry-2", "-dlt"];
const CAPPED_MULTIPLE: &[&str] = &["", "-retry-200", "-retry-400", "-retry-500-0", "-retry-500-1", "-dlt"];
const TWICE: &[&str] = &["", "-retry", "-dlt"];
const ONCE: &[&str] = &["", "-dlt"];

const DOUBLING: &[i64] = &[200, 400, 800, 1600];
const EQUAL: &[i64] = &[300; 4];
const LIMITED: &[i64] = &[200, 400, 500, 500];

/// `path` is what follows the source topics' names, hop by hop; every other topic of it is Spring's, the first one if `spring_begins`.
async fn from_side_to_side(
    chain: &str,
    sources: &[&str],
    path: &[&str],
    delays: &[i64],
    spring_begins: bool,
    listener: impl FnOnce(App) -> App,
) {
    let first = format!("{chain}.{}", if spring_begins { "spring" } else { "ours" });
    let sources: Vec<_> = sources.iter().map(|ending| format!("{first}{ending}")).collect();
    let mut topics = path.to_vec();
    topics.dedup();
    let springs: Vec<_> = topics.iter().skip(usize::from(!spring_begins)).step_by(2).collect();
    let all: Vec<_> = sources.iter().flat_map(|source| springs.iter().map(move |it| format!("{source}{it}"))).collect();
    let both = Both::start(&all, listener).await;
    sources.iter().for_each(|source| produce(source, "k", source));
    until("both sides' last delivery has its dead letter", || both.dead(&first).len() == sources.len()).await;
    let (delivered, dead) = (both.delivered(&first), both.dead(&first));
    both.stop().await;

    let is_springs = |suffix: &str| springs.contains(&&suffix);
    let (dlt, deliveries) = path.split_last().unwrap();
    for source in &sources {
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
            (is_springs(dlt), &letter(source, &first, deliveries.len(), is_springs(deliveries[deliveries.len() - 1])))
        );
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

/// A test for each: the chain's name, its source topics' endings, the path of a record, its delays; a listener for each side to begin.
macro_rules! tests {
    ($($name:ident: $chain:literal, $sources:expr, $path:expr, $delays:expr, $spring:ident, $ours:ident;)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                spring();
                tokio::join!(
                    from_side_to_side($chain, &$sources, $path, $delays, true, |app| app.listener(chains::$spring::fail)),
                    from_side_to_side($chain, &$sources, $path, $delays, false, |app| app.listener(chains::$ours::fail)),
                );
            }
        )*
    };
}

tests! {
    delays: "delayed", [""], DELAYED, DOUBLING, delayed_spring, delayed_ours;
    numbers: "indexed", [""], INDEXED, DOUBLING, indexed_spring, indexed_ours;
    equal_delays_in_topics_of_their_own: "multiple", [""], INDEXED, EQUAL, multiple_spring, multiple_ours;
    one_retry_topic: "single", [""], SINGLE, EQUAL, single_spring, single_ours;
    a_limit: "capped", [""], CAPPED, LIMITED, capped_spring, capped_ours;
    a_limit_by_number: "capped.indexed", [""], CAPPED_INDEXED, LIMITED, capped_indexed_spring, capped_indexed_ours;
    a_limit_in_topics_of_their_own: "capped.multiple", [""], CAPPED_MULTIPLE, LIMITED, capped_multiple_spring, capped_multiple_ours;
    one_retry: "twice", [""], TWICE, &[300], twice_spring, twice_ours;
    no_retry: "once", [""], ONCE, &[], once_spring, once_ours;
    two_sources: "pair", ["", ".second"], DELAYED, DOUBLING, pair_spring, pair_ours;
}
