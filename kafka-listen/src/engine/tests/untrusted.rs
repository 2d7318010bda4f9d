//! Records whose headers anybody could have written (R7, R10, R17).

use proptest::prelude::*;

use super::*;
use crate::retry::any_header;

const GROUP: &str = "kafka_dlt-original-consumer-group";

fn is_ours(headers: &[HeaderBuf]) -> bool {
    let named = headers.iter().rev().find(|header| header.name == GROUP).and_then(|header| header.value.as_deref());
    named.is_none_or(|group| [&b"g"[..], b"g-retry-1000", b"g-retry-2000"].contains(&group))
}

proptest! {
    #[test]
    fn whatever_a_retry_says_of_itself_it_runs_once_within_the_hour_and_goes_on(
        headers in prop::collection::vec(any_header(), 0..20),
    ) {
        let (mut bench, ours) = (Bench::new(Listening::default()), is_ours(&headers));
        let id = bench.assign(1, "t-retry-1000", 0);
        bench.fetch(id, vec![keyed(0, None, headers)]);
        bench.wait(Duration::from_secs(61 * 60));
        prop_assert_eq!(bench.runs.len(), usize::from(ours), "another group's is nobody's business");
        if ours {
            prop_assert!((2..=32_767).contains(&bench.runs[0].1.records[0].attempt));
            bench.end_run(&[0]);
            prop_assert_eq!(bench.committed(id), None);
            let next = bench.acknowledge().topic;
            prop_assert!(["t-retry-2000", "t-dlt"].contains(&next.as_str()), "{next}");
        }
        prop_assert_eq!(bench.committed(id), Some(1));
    }

    #[test]
    fn whatever_a_source_record_says_of_itself_it_is_a_first_attempt_due_at_once(
        headers in prop::collection::vec(any_header(), 0..20),
    ) {
        let mut bench = Bench::new(Listening::default());
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![keyed(0, None, headers)]);
        prop_assert_eq!(bench.runs[0].1.records[0].attempt, 1);
        bench.end_run(&[0]);
        let copy = bench.acknowledge();
        prop_assert_eq!(copy.topic.as_str(), "t-retry-1000");
        let retry = bench.assign(2, "t-retry-1000", 0);
        bench.fetch(retry, vec![stored(0, &copy)]);
        prop_assert_eq!(bench.engine.wake_at(), Some(bench.now.after(Duration::from_secs(1))));
    }
}
