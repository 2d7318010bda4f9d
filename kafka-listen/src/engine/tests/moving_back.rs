//! Waits that would keep a window shut (R7, R8): written once more at the end of their topic.

use super::*;

const WINDOW: usize = 8;
const HOUR: i64 = 3_600_000;

/// A partition whose window is full of records that are due; besides, those at `long` wait for an hour.
fn full(long: &[i64]) -> (Bench, AssignmentId) {
    full_of(long, HOUR)
}

/// The same with another wait, in milliseconds.
fn full_of(long: &[i64], wait: i64) -> (Bench, AssignmentId) {
    written(long, wait, |_, now| now)
}

/// The same, and when the record at each offset says that it was written.
fn written(long: &[i64], wait: i64, at: impl Fn(i64, Timestamp) -> Timestamp) -> (Bench, AssignmentId) {
    let limits = Limits { window: WINDOW, ..Limits::default() };
    let mut bench = Bench::new(Listening { order: Order::None, limits, ..Listening::default() });
    let id = bench.assign(1, "t-retry-1000", 0);
    let (now, size) = (bench.now, i64::try_from(WINDOW + long.len()).unwrap());
    let due = |offset| if long.contains(&offset) { wait } else { 0 };
    let record = |offset| {
        let mut record = waiting(offset, due(offset), now);
        record.time.at = at(offset, now);
        record
    };
    bench.takes.clear();
    bench.give(Event::Fetched { id, records: (0..size).map(record).collect(), drained: false });
    (bench, id)
}

fn end_all(bench: &mut Bench) {
    while !bench.runs.is_empty() {
        bench.end_run(&[]);
    }
}

#[test]
fn a_long_wait_in_front_of_what_has_ended_is_written_again_as_it_is_and_its_first_copy_ends() {
    let (mut bench, id) = full(&[0]);
    let original = waiting(0, HOUR, bench.now);
    assert!(bench.publishes.is_empty(), "while the others run there is no need");
    end_all(&mut bench);
    assert_eq!(bench.publishes.len(), 1);
    let copy = &bench.publishes[0].1;
    assert_eq!((copy.topic.as_str(), copy.partition), ("t-retry-1000", crate::record::Wanted::IfThere(0)));
    assert_eq!(copy.body, original.pack(), "attempt, due time and all headers");
    assert_eq!(bench.committed(id), None, "not before it is acknowledged");
    assert!(bench.takes.is_empty());
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(9));
    assert_eq!(bench.takes.len(), 1, "the window is open");
}

#[test]
fn a_short_wait_is_sat_out() {
    for (wait, moved) in [(1000, 0), (1001, 1)] {
        let (mut bench, _) = full_of(&[0], wait);
        end_all(&mut bench);
        assert_eq!(bench.publishes.len(), moved, "{wait}");
    }
}

#[test]
fn what_is_not_yet_acknowledged_is_not_written_twice() {
    let (mut bench, _) = full(&[0, 1]);
    end_all(&mut bench);
    assert_eq!(bench.publishes.len(), 2);
    bench.wait(Duration::from_secs(5));
    assert_eq!(bench.publishes.len(), 2);
}

#[test]
fn no_more_than_eight_are_written_again_for_one_that_was_handled() {
    for (waits, moved) in [(64, 64), (65, 0)] {
        let (mut bench, _) = full(&(0..waits).collect::<Vec<_>>());
        end_all(&mut bench);
        assert_eq!(bench.publishes.len(), moved, "eight have ended");
    }
}

#[test]
fn nothing_is_written_again_before_half_of_the_window_has_ended() {
    let (mut bench, _) = full(&[0]);
    for ended in 1..=4 {
        bench.end_run(&[]);
        assert_eq!(bench.publishes.len(), usize::from(ended == 4), "{ended}");
    }
}

#[test]
fn what_would_be_repeated_behind_a_long_wait_is_bounded_where_nothing_lies_unread_too() {
    let (mut bench, id) = full(&[0]);
    bench.give(Event::Fetched { id, records: Vec::new(), drained: true });
    end_all(&mut bench);
    assert_eq!(bench.publishes.len(), 1);
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(9));
}

#[test]
fn nothing_is_moved_from_behind_a_record_that_cannot_be() {
    let (mut bench, id) = full(&[1]);
    let (first, rest): (Vec<_>, Vec<_>) =
        std::mem::take(&mut bench.runs).into_iter().partition(|(_, run)| run.records[0].record.offset == 0);
    bench.runs = rest;
    end_all(&mut bench);
    assert!(bench.publishes.is_empty(), "record 0 still runs");
    bench.runs = first;
    bench.end_run(&[]);
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(9));
}

#[test]
fn nothing_is_moved_for_less_than_half_of_what_has_ended() {
    for (running, moved) in [(&[5][..], 1), (&[4], 0), (&[4, 8], 1)] {
        let (mut bench, _) = full(&[0]);
        bench.runs.retain(|(_, run)| !running.contains(&run.records[0].record.offset));
        bench.runs.reverse();
        end_all(&mut bench);
        assert_eq!(bench.publishes.len(), moved, "all have ended but {running:?}");
    }
}

#[test]
fn a_wait_that_would_be_over_before_its_copy_is_read_stays() {
    // What was read is an hour old, so about an hour of records lies unread behind it.
    let (mut bench, _) = written(&[0], HOUR - 1, |_, now| now.before(Duration::from_secs(3600)));
    end_all(&mut bench);
    assert!(bench.publishes.is_empty());
    bench.wait(Duration::from_secs(3600));
    assert_eq!(bench.started(), [vec![0]], "on time");
}

#[test]
fn a_wrong_timestamp_on_what_was_read_last_neither_forbids_nor_causes_it() {
    let hour = Duration::from_secs(3600);
    let moved = |of_others: Duration, wrong: i64, of_wrong: fn(Timestamp) -> Timestamp| {
        let at = |offset, now: Timestamp| if offset > 8 - wrong { of_wrong(now) } else { now.before(of_others) };
        let (mut bench, _) = written(&[0], HOUR - 1, at);
        end_all(&mut bench);
        bench.publishes.len()
    };
    for wrong in 1..=4 {
        assert_eq!(
            moved(Duration::ZERO, wrong, |now| now.before(Duration::from_secs(7200))),
            1,
            "what lies unread is not as old as that"
        );
        assert_eq!(moved(hour, wrong, |now| now), 0, "what lies unread is older");
        assert_eq!(moved(hour, wrong, |_| Timestamp::from_millis(i64::MAX)), 0);
    }
}

/// A record whose due time is beyond belief, in front of a window's worth of others that have ended: it, the copy of it, and
/// until when the first one waits.
fn moved_beyond_belief() -> (Bench, Record, Outgoing, Timestamp) {
    let (mut bench, id) = full_of(&[0], 1000 * HOUR);
    let (original, believed) = (waiting(0, 1000 * HOUR, bench.now), bench.now.after(Duration::from_secs(61 * 60)));
    bench.wait(Duration::from_secs(5));
    end_all(&mut bench);
    let copy = bench.acknowledge();
    assert_eq!(bench.committed(id), Some(9), "it keeps nothing unread");
    (bench, original, copy, believed)
}

fn clamped(bench: &Bench) -> usize {
    bench.told.iter().filter(|told| matches!(told, observe::Event::DueClamped { .. })).count()
}

#[test]
fn one_whose_due_time_is_beyond_belief_is_written_again_with_the_one_that_is_believed() {
    let (mut bench, original, copy, believed) = moved_beyond_belief();
    let (before, after) = (original.pack().to_owned_body(), copy.body.to_owned_body());
    assert_eq!((before.key, before.value), (after.key, after.value));
    let due = |headers: &[HeaderBuf]| headers.iter().position(|it| it.name == "retry_topic-backoff-timestamp").unwrap();
    let (at, mut wanted) = (due(&after.headers), before.headers);
    wanted[at] = HeaderBuf::new(wanted[at].name.clone(), believed.as_millis().to_be_bytes()[5..].to_vec());
    assert_eq!(after.headers, wanted, "all but the due time");

    let next = bench.assign(2, "t-retry-1000", 1);
    bench.fetch(next, vec![stored(0, &copy)]);
    assert_eq!(clamped(&bench), 1, "the first one, and not the copy");
    assert_eq!(bench.engine.wake_at(), Some(believed), "when the first one would have been due");
}

#[test]
fn a_copy_that_is_read_by_a_clock_behind_is_due_earlier_by_it_and_never_later() {
    let (mut bench, _, copy, believed) = moved_beyond_belief();
    let behind = Duration::from_secs(20 * 60);
    bench.now = bench.now.before(behind);
    let next = bench.assign(2, "t-retry-1000", 1);
    bench.fetch(next, vec![stored(0, &copy)]);
    let due = bench.engine.wake_at().unwrap();
    assert_eq!(due, bench.now.after(Duration::from_secs(61 * 60)), "no wait is longer");
    assert!(due < believed);
    assert_eq!(clamped(&bench), 2);
}
