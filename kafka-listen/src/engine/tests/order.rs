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
fn a_busy_lane_keeps_what_comes_until_its_run_is_over() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![record(1), record(2)]);
    assert_eq!(bench.started(), [vec![0]]);
    bench.end_run(&[]);
    assert_eq!(bench.started(), [vec![1, 2]]);
}

#[test]
fn a_try_in_place_holds_its_lane_and_comes_before_its_successors() {
    let mut bench = Bench::new(Listening { attempts: None, ..Listening::default() });
    let (id, other) = (bench.assign(1, "t", 0), bench.assign(2, "t", 1));
    bench.fetch(id, vec![record(0), record(1)]);
    for in_place in 1..=10 {
        let (_, mut run) = bench.runs.remove(0);
        let failing = run.records.pop_front().unwrap();
        assert_eq!((failing.record.offset, failing.in_place), (0, in_place));
        let failed = vec![bench.fails(failing, FailureKind::Error)];
        let over = Some(run.records);
        bench.give(Event::Progress(Progress { id, lane: run.lane, done: Vec::new(), failed, over }));
    }
    assert_eq!(bench.publishes[0].1.topic.as_str(), "t-dlt", "ten tries");
    assert_eq!(bench.started(), [vec![1]]);
    bench.fetch(other, vec![record(0)]);
    assert_eq!(bench.runs.len(), 2, "the other partition goes on");
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
    bench.give(Event::Progress(Progress { id, lane: run.lane, done: Vec::new(), failed, over }));
    let copy = bench.acknowledge();
    let retry = bench.assign(2, "t-retry-1000", 0);
    bench.fetch(retry, vec![stored(0, &copy)]);
    assert_eq!(bench.engine.wake_at().map(|at| at.since(bench.now)), Some(Duration::from_millis(300)));
}
