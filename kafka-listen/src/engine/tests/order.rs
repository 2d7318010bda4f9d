//! What runs side by side, what waits for what, and when (R7, R8, R9, R10).

use super::*;

#[test]
fn partition_order_is_one_run_and_key_order_one_for_each_key() {
    let records =
        || vec![keyed(0, Some("a"), vec![]), keyed(1, Some("b"), vec![]), keyed(2, Some("a"), vec![]), record(3)];
    let started = |order| {
        let mut bench = Bench::new(Listening { order, ..Listening::default() });
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, records());
        bench.started()
    };
    assert_eq!(started(Order::Partition), [vec![0, 1, 2, 3]]);
    assert_eq!(started(Order::Key), [vec![0, 2], vec![1], vec![3]]);
    assert_eq!(started(Order::None), [vec![0], vec![1], vec![2], vec![3]]);
}

#[test]
fn a_run_stops_at_a_failure_where_the_same_record_may_run_again_before_its_successors() {
    let stops = |listening| {
        let mut bench = Bench::new(listening);
        let id = bench.assign(1, "t", 0);
        bench.engine.handle(Event::Fetched { id, records: vec![record(0)], drained: true }, bench.now);
        let mut actions = std::iter::from_fn(|| bench.engine.next_action());
        actions.find_map(|action| match action {
            Action::Start { stop_at_failure, .. } => Some(stop_at_failure),
            _ => None,
        })
    };
    assert_eq!(stops(Listening::default()), Some(false), "its retries go through topics");
    assert_eq!(stops(Listening { attempts: None, ..Listening::default() }), Some(true));
    assert_eq!(stops(Listening { end: EndKind::TryAgain, ..Listening::default() }), Some(true));
}

#[test]
fn a_lane_whose_run_may_stop_keeps_what_comes_until_it_is_over() {
    let mut bench = Bench::new(Listening { attempts: None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![record(1), record(2)]);
    assert_eq!(bench.started(), [vec![0]]);
    bench.end_run(&[]);
    assert_eq!(bench.started(), [vec![1, 2]]);
}

#[test]
fn a_key_that_is_busy_keeps_what_comes_until_its_run_is_over() {
    let mut bench = Bench::new(Listening { order: Order::Key, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![keyed(0, Some("a"), vec![])]);
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![keyed(1, Some("a"), vec![]), keyed(2, Some("b"), vec![])]);
    assert_eq!(bench.started(), [vec![0], vec![2]]);
    bench.end_run(&[0]);
    assert_eq!(bench.started(), [vec![2], vec![1]]);
}

#[test]
fn a_partition_that_stops_for_nothing_hands_out_the_next_run_before_the_last_is_over() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![record(1), record(2)]);
    assert_eq!(bench.started(), [vec![0], vec![1, 2]]);
    bench.end_run(&[0]);
    assert!(bench.committed(id).is_none(), "0 waits for its copy");
    bench.end_run(&[]);
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(3));
}

#[test]
fn a_try_in_place_holds_its_lane_and_comes_before_its_successors() {
    let mut bench = Bench::new(Listening { attempts: None, ..Listening::default() });
    let (id, other) = (bench.assign(1, "t", 0), bench.assign(2, "t", 1));
    bench.fetch(id, vec![record(0), record(1)]);
    for in_place in 1..=10 {
        let failing = &bench.runs[0].1.records[0];
        assert_eq!((failing.record.offset, failing.in_place), (0, in_place));
        bench.fail_first(FailureKind::Error);
    }
    assert_eq!(bench.publishes[0].1.topic.as_str(), "t-dlt", "ten tries");
    assert_eq!(bench.started(), [vec![1]]);
    bench.fetch(other, vec![record(0)]);
    assert_eq!(bench.runs.len(), 2, "the other partition goes on");
}

/// Three tries in place, half a minute apart.
fn slow_tries(attempts: Option<u32>) -> Listening {
    let in_place = InPlace::new(3, Duration::from_secs(30), 1.0, None).unwrap();
    Listening { attempts, in_place: Some(in_place), ..Listening::default() }
}

#[test]
fn a_pause_between_tries_in_place_is_the_lanes_alone() {
    let mut bench = Bench::new(slow_tries(None));
    let (id, other) = (bench.assign(1, "t", 0), bench.assign(2, "t", 1));
    bench.fetch(id, vec![record(0), record(1)]);
    bench.fail_first(FailureKind::Error);
    assert!(bench.runs.is_empty(), "what is behind it waits, too");
    bench.fetch(other, vec![record(0)]);
    bench.end_run(&[]);
    assert_eq!(bench.committed(other), Some(1));
    bench.wait(Duration::from_millis(29_799));
    assert!(bench.runs.is_empty(), "not before its time");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.started(), [vec![0, 1]]);
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(2));
}

#[test]
fn a_clock_that_steps_back_makes_no_pause_longer() {
    let mut bench = Bench::new(slow_tries(None));
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.fail_first(FailureKind::Error);
    bench.now = bench.now.before(Duration::from_secs(3600));
    bench.wait(Duration::ZERO);
    assert!(bench.runs.is_empty());
    bench.wait(Duration::from_secs(30));
    assert_eq!(bench.started(), [vec![0]]);
}

#[test]
fn each_delivery_through_topics_is_tried_in_place() {
    let mut bench = Bench::new(slow_tries(Some(2)));
    let (id, retry) = (bench.assign(1, "t", 0), bench.assign(2, "t-retry", 0));
    for (from, to) in [(id, "t-retry"), (retry, "t-dlt")] {
        let came = if from == id { record(0) } else { stored(0, &bench.acknowledge()) };
        bench.fetch(from, vec![came]);
        bench.wait(Duration::from_secs(1));
        for in_place in 1..=3 {
            assert_eq!(bench.runs[0].1.records[0].in_place, in_place);
            bench.fail_first(FailureKind::Error);
            bench.wait(Duration::from_secs(30));
        }
        assert_eq!(bench.publishes[0].1.topic.as_str(), to);
    }
}

#[test]
fn waiting_records_start_when_due_by_due_time_and_never_before() {
    let mut bench = Bench::new(Listening { order: Order::None, ..Listening::default() });
    let id = bench.assign(1, "t-retry-1000", 0);
    let now = bench.now;
    let waiting = [(0, 900), (1, 300), (2, 300), (3, -5)];
    bench.fetch(id, waiting.iter().map(|&(offset, due)| keyed(offset, None, due_in(due, "g", now))).collect());
    assert_eq!(bench.started(), [vec![3]], "what is overdue starts at once");
    assert_eq!(bench.engine.wake_at(), Some(Timestamp::from_millis(now.as_millis() + 300)));
    bench.wait(Duration::from_millis(299));
    assert_eq!(bench.started(), [vec![3]]);
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.started(), [vec![3], vec![1], vec![2]], "equal ones by offset");
    bench.wait(Duration::from_millis(600));
    assert_eq!(bench.started(), [vec![3], vec![1], vec![2], vec![0]]);
}

#[test]
fn another_groups_retry_is_passed_over_at_once() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let headers = due_in(60_000, "another", bench.now);
    bench.fetch(id, vec![keyed(0, None, headers)]);
    assert!(bench.runs.is_empty());
    assert_eq!(bench.committed(id), Some(1));
}

#[test]
fn a_source_topic_is_believed_nothing() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    let headers = due_in(60_000, "another", bench.now);
    bench.fetch(id, vec![keyed(0, None, headers)]);
    assert_eq!(bench.started(), [vec![0]]);
    bench.end_run(&[0]);
    assert_eq!(bench.publishes[0].1.topic.as_str(), "t-retry-1000", "its first failure, whatever it claims");
}

#[test]
fn a_due_time_beyond_any_delay_of_the_chain_is_clamped() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let headers = due_in(10 * 365 * 86_400_000, "g", bench.now);
    bench.fetch(id, vec![keyed(0, None, headers)]);
    let wait = bench.engine.wake_at().unwrap().since(bench.now);
    assert_eq!(
        wait,
        Duration::from_secs(61 * 60),
        "an hour, which another version's delay may be, and a minute for clocks that differ"
    );
}

#[test]
fn an_overdue_record_does_not_overtake_one_that_was_due_before_it() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let now = bench.now;
    bench.fetch(id, vec![keyed(0, None, due_in(-10, "g", now)), keyed(1, None, due_in(-20, "g", now))]);
    assert_eq!(bench.started(), [vec![1, 0]]);
}

#[test]
fn a_delay_counts_from_the_failure_however_late_it_is_reported() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    let (_, run) = bench.runs.remove(0);
    let failed = run.records.into_iter().map(|it| bench.fails(it, FailureKind::Error)).collect();
    bench.now = bench.now.after(Duration::from_millis(700));
    let over = Some(VecDeque::new());
    bench.give(Event::Progress(Progress { id, run: run.id, done: Numbers::default(), failed, over }));
    let copy = bench.acknowledge();
    let retry = bench.assign(2, "t-retry-1000", 0);
    bench.fetch(retry, vec![stored(0, &copy)]);
    assert_eq!(bench.engine.wake_at().map(|at| at.since(bench.now)), Some(Duration::from_millis(300)));
}

#[test]
fn of_a_key_nothing_overtakes_a_try_in_place_that_would_come_too_late_for_a_partition_that_goes() {
    let in_place = InPlace::new(3, Duration::from_millis(1500), 1.0, None).unwrap();
    let mut bench = Bench::new(Listening { order: Order::Key, in_place: Some(in_place), ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, (0..).zip(["a", "b", "a", "b"]).map(|(offset, key)| keyed(offset, Some(key), vec![])).collect());
    bench.fail_first(FailureKind::Error);
    bench.end_run(&[]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.wait(Duration::from_millis(1500));
    assert_eq!(bench.started(), [vec![0, 2]], "they stand in front of 3, and there is time for a try");
    bench.fail_first(FailureKind::Error);
    assert!(bench.started().is_empty(), "there is none for another one, and 2 comes behind 0");
    assert_eq!(bench.committed(id), None);
    assert!(bench.others.iter().any(|action| matches!(action, Action::Release(_))), "it waits for nothing more");
}
