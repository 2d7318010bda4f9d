//! How many waits are held, so that what is due before them is read in time (R7, R8).

use super::*;

const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;

/// A partition of the topic whose delay is a second, with these limits, whose records wait for so long each; there are more.
fn holding(limits: Limits, waits: &[i64]) -> (Bench, AssignmentId) {
    let mut bench = Bench::new(Listening { limits, ..Listening::default() });
    let id = bench.assign(1, "t-retry-1000", 0);
    give(&mut bench, id, 0, waits);
    (bench, id)
}

/// Gives it what it asked for.
fn give(bench: &mut Bench, id: AssignmentId, from: i64, waits: &[i64]) {
    let records = (from..).zip(waits).map(|(offset, wait)| waiting(offset, *wait, bench.now)).collect();
    bench.takes.retain(|(asking, _)| *asking != id);
    bench.give(Event::Fetched { id, records, drained: false });
}

/// The memory of a record that waits.
fn each() -> usize {
    waiting(0, HOUR, Timestamp::from_millis(0)).detach().memory()
}

#[test]
fn however_many_wait_what_is_due_before_them_is_read_and_starts_on_time() {
    let limits = Limits { window: 4, ..Limits::default() };
    let (mut bench, id) = holding(limits, &[HOUR; 1000]);
    assert_eq!(bench.takes.len(), 1, "a crash repeats nothing of what waits");
    give(&mut bench, id, 1000, &[SECOND, HOUR]);
    bench.wait(Duration::from_secs(1));
    assert_eq!(bench.started(), [vec![1000]]);
}

#[test]
fn what_has_ended_behind_waits_shuts_the_window_as_anything_else() {
    let (mut bench, id) = holding(Limits { window: 4, ..Limits::default() }, &[SECOND; 10]);
    give(&mut bench, id, 10, &[0, 0, 0]);
    bench.end_run(&[]);
    assert_eq!(bench.takes.len(), 1, "a quarter is free");
    give(&mut bench, id, 13, &[0]);
    bench.end_run(&[]);
    assert!(bench.takes.is_empty());
    assert!(bench.publishes.is_empty(), "the waits are over soon");
}

#[test]
fn where_all_waits_are_as_long_as_the_delay_no_more_are_held_than_may_be_of_one_partition() {
    let limits = Limits { partition_bytes: 3 * each(), total_bytes: 100 * each(), ..Limits::default() };
    let (mut bench, id) = holding(limits, &[SECOND; 2]);
    assert_eq!(bench.takes.len(), 1);
    give(&mut bench, id, 2, &[SECOND]);
    assert!(bench.takes.is_empty(), "what lies behind is due later");
    bench.wait(Duration::from_secs(1));
    bench.end_run(&[]);
    assert_eq!(bench.takes.len(), 1);
    assert!(bench.publishes.is_empty());
}

#[test]
fn where_one_is_longer_as_many_are_held_as_leave_as_much_free() {
    let limits = Limits { partition_bytes: 3 * each(), total_bytes: 100 * each(), ..Limits::default() };
    for (longest, more) in [(2 * SECOND, 0), (2 * SECOND + 1, 1)] {
        let (bench, _) = holding(limits, &[SECOND, longest, SECOND]);
        assert_eq!(bench.takes.len(), more, "clocks that differ by a second make no difference: {longest}");
    }
    // The last quarter of the fifty is not free often enough to be read for.
    for (waits, more) in [(37, 1), (38, 0)] {
        let (bench, _) = holding(limits, &vec![HOUR; waits]);
        assert_eq!((bench.takes.len(), bench.publishes.len()), (more, 0), "{waits}");
    }
}

#[test]
fn that_too_many_wait_is_told_once_a_minute_and_only_where_something_may_be_late() {
    let limits = Limits { partition_bytes: 3 * each(), total_bytes: 6 * each(), ..Limits::default() };
    let told = |bench: &Bench| {
        let of = |told: &observe::Event| match told {
            observe::Event::TooManyWaits { count, until, .. } => Some((*count, until.since(bench.now).as_secs())),
            _ => None,
        };
        bench.told.iter().filter_map(of).collect::<Vec<_>>()
    };
    for (waits, tells) in
        [(&[HOUR; 3][..], true), (&[SECOND + 500; 3], false), (&[HOUR, SECOND, HOUR], false), (&[HOUR; 2], false)]
    {
        assert_eq!(told(&holding(limits, waits).0).len(), usize::from(tells), "{waits:?}");
    }
    let (mut bench, _) = holding(limits, &[HOUR, HOUR + 1, HOUR]);
    bench.wait(Duration::from_secs(59));
    bench.give(Event::Readable(AssignmentId(1)));
    assert_eq!(told(&bench), [(3, 3541)]);
    bench.wait(Duration::from_secs(1));
    bench.give(Event::Readable(AssignmentId(1)));
    assert_eq!(told(&bench), [(3, 3540); 2]);
    bench.now = bench.now.before(Duration::from_secs(30));
    bench.give(Event::Readable(AssignmentId(1)));
    bench.wait(Duration::from_secs(60));
    bench.give(Event::Readable(AssignmentId(1)));
    assert_eq!(told(&bench).len(), 3, "a clock that steps back holds it up no longer");
}

#[test]
fn as_long_as_something_else_is_done_nothing_is_told_of_waits() {
    let limits = Limits { partition_bytes: 3 * each(), total_bytes: 6 * each(), ..Limits::default() };
    let (mut bench, _) = holding(limits, &[HOUR, HOUR, HOUR, 0]);
    let told = |bench: &Bench| {
        let too_many = |told: &&observe::Event| matches!(told, observe::Event::TooManyWaits { .. });
        (bench.told.iter().filter(too_many).count(), bench.others.len())
    };
    assert_eq!((bench.started(), told(&bench)), (vec![vec![3]], (0, 0)), "it runs");
    bench.end_run(&[3]);
    assert_eq!((bench.publishes.len(), told(&bench)), (1, (0, 0)), "it is being written");
    bench.acknowledge();
    assert_eq!(told(&bench), (1, 1));
}

#[test]
fn in_a_topic_that_is_none_of_the_chains_any_wait_is_longer() {
    let limits = Limits { partition_bytes: 3 * each(), total_bytes: 100 * each(), ..Limits::default() };
    let (mut bench, _) = holding(limits, &[]);
    let of_chain = bench.engine.source(&topic("t-retry-1000")).unwrap();
    let Source { listener, id, chain, group, rules, .. } = &**of_chain;
    let left_over = Source {
        listener: *listener,
        id: id.clone(),
        role: Role::Retry,
        topic: topic("t-retry-9"),
        chain: chain.clone(),
        group: group.clone(),
        rules: rules.clone(),
        order: Order::Partition,
        batching: None,
        believed: true,
    };
    bench.give(Event::Sources(vec![(Arc::new(left_over), crate::broker::OffsetReset::Earliest)]));
    let id = bench.assign(2, "t-retry-9", 0);
    give(&mut bench, id, 0, &[2 * SECOND; 3]);
    assert_eq!(bench.takes.iter().filter(|(asking, _)| *asking == id).count(), 1);
}

#[test]
fn one_that_found_no_room_looks_again_when_another_has_let_go_of_much() {
    let limits = Limits { partition_bytes: 2 * each(), total_bytes: 60 * each(), ..Limits::default() };
    let mut bench = Bench::new(Listening { limits, ..Listening::default() });
    let [one, second, third] = [0, 1, 2].map(|place| bench.assign(place + 1, "t-retry-1000", place as i32));
    give(&mut bench, second, 0, &[HOUR; 19]);
    give(&mut bench, third, 0, &[HOUR; 19]);
    give(&mut bench, one, 0, &[2 * HOUR; 20]);
    bench.takes.clear();
    bench.wait(Duration::from_secs(3600));
    assert_eq!((bench.runs.len(), bench.takes.len()), (2, 0));
    bench.end_run(&[]);
    bench.end_run(&[]);
    assert!(bench.takes.iter().any(|(asking, _)| *asking == one), "it has 20, and 40 are free");
}
