//! What stands in front of what has ended, when its partition goes: it follows, as far as there is time (R5, R9).

use super::leaving::{cancelled, released};
use super::*;

/// Record 1 has ended, record 0 is tried again after this pause; then the partition is revoked.
fn revoked_before_a_try_in_place(pause: Duration) -> (Bench, AssignmentId) {
    let in_place = InPlace::new(3, pause, 1.0, None).unwrap();
    let mut bench = Bench::new(Listening { order: Order::None, in_place: Some(in_place), ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.end_run(&[0]);
    bench.end_run(&[]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    (bench, id)
}

#[test]
fn a_try_in_place_that_comes_too_late_is_not_waited_for() {
    let (bench, id) = revoked_before_a_try_in_place(Duration::from_secs(5));
    assert!(released(&bench));
    assert_eq!(bench.commits.get(&id), None, "0 has not ended");
}

#[test]
fn a_try_in_place_in_front_of_what_has_ended_is_waited_for() {
    let (mut bench, id) = revoked_before_a_try_in_place(Duration::from_millis(500));
    bench.wait(Duration::from_millis(499));
    assert!(bench.runs.is_empty() && !released(&bench));
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.started(), [vec![0]]);
    bench.end_run(&[0]);
    bench.wait(Duration::from_millis(500));
    assert_eq!(bench.started(), [vec![0]], "there is time for another one");
    bench.end_run(&[]);
    assert!(released(&bench));
    assert_eq!(bench.commits.get(&id), Some(&2), "1 is not delivered again");
}

/// It would be given up as it begins, and the partition would wait for that.
#[test]
fn a_try_in_place_that_is_due_when_time_is_up_is_left_to_the_next_reader() {
    let (mut bench, id) = revoked_before_a_try_in_place(Duration::from_secs(1));
    bench.wait(Duration::from_secs(1));
    bench.end_run(&[0]);
    assert!(released(&bench), "at once");
    assert_eq!(bench.commits.get(&id), None, "0 has not ended");
}

/// Ends all runs that are out, each behind its first `handled` records; the rest comes back.
pub(super) fn halt_runs(bench: &mut Bench, handled: usize) {
    for (id, mut run) in std::mem::take(&mut bench.runs) {
        let rest = run.records.split_off(handled.min(run.records.len()));
        let done = run.records.iter().map(|it| it.number).collect();
        bench.give(Event::Progress(Progress { id, run: run.id, done, failed: Vec::new(), over: Some(rest) }));
    }
}

fn halts(bench: &Bench) -> usize {
    bench.others.iter().filter(|it| matches!(it, Action::Halt(_))).count()
}

pub(super) fn two_keys(bench: &mut Bench) -> AssignmentId {
    let id = bench.assign(1, "t", 0);
    let keys = ["a", "a", "b", "a", "b", "a"];
    bench.fetch(id, (0..).zip(keys).map(|(offset, key)| keyed(offset, Some(key), vec![])).collect());
    id
}

/// Of [`two_keys`] `a` halts behind its first, 0; of `b` both, 2 and 4, are still out.
pub(super) fn halt_a(bench: &mut Bench) {
    let b = bench.runs.remove(1);
    halt_runs(bench, 1);
    assert!(bench.runs.is_empty(), "nothing starts before all that runs has ended");
    bench.runs.push(b);
}

#[test]
fn what_stands_in_front_of_what_has_ended_is_handled_before_the_end_and_nothing_else_is() {
    let by_key = || Bench::new(Listening { order: Order::Key, ..Listening::default() });
    let stop = Event::Stop { within: Duration::from_secs(20) };
    let revoke = Event::Revoked { ids: vec![AssignmentId(1)], lost: false };
    for event in [stop, revoke] {
        let mut bench = by_key();
        let id = two_keys(&mut bench);
        bench.give(event);
        halt_a(&mut bench);
        halt_runs(&mut bench, 2);
        assert_eq!(bench.started(), [vec![1, 3]], "and not 5");
        assert!(!released(&bench));
        bench.end_run(&[]);
        assert_eq!(bench.committed(id), Some(5));
    }
}

#[test]
fn so_it_is_in_front_of_what_ends_with_the_acknowledgement_of_its_copy() {
    let mut bench = Bench::new(Listening { order: Order::Key, ..Listening::default() });
    let id = two_keys(&mut bench);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    halt_a(&mut bench);
    bench.end_run(&[4]);
    assert_eq!(bench.publishes.len(), 1, "the copy of 4 is under way");
    assert_eq!(bench.started(), [vec![1, 3]], "and not 5");
    bench.acknowledge();
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(5), "4 is not delivered again");
}

#[test]
fn a_wait_in_front_of_what_has_ended_is_written_again_when_the_partition_goes() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let of = |offset, due| waiting(offset, due, bench.now);
    let records = vec![of(0, 600_000), of(1, 0), of(2, 1000), of(3, 0), of(4, 600_000)];
    bench.fetch(id, records);
    bench.end_run(&[]);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    let copies: Vec<_> = bench.publishes.iter().map(|(ticket, _)| ticket.number).collect();
    assert_eq!(copies, [0], "2 is due in time, and 4 has nothing behind it");
    bench.acknowledge();
    assert!(!bench.others.iter().any(|it| matches!(it, Action::Close)));
    bench.wait(Duration::from_secs(1));
    assert_eq!(bench.started(), [vec![2]]);
    bench.end_run(&[]);
    assert!(bench.others.iter().any(|it| matches!(it, Action::Close)), "at once");
    assert_eq!(bench.committed(id), Some(4));
}

#[test]
fn no_more_than_4096_are_written_again_when_the_partition_goes() {
    for (waits, moved, committed) in [(4096, 4096, 4097), (4097, 4096, 4096)] {
        let mut bench = Bench::new(Listening::default());
        let id = bench.assign(1, "t-retry-1000", 0);
        let of = |offset, due| waiting(offset, due, bench.now);
        let records = (0..waits).map(|offset| of(offset, 600_000)).chain([of(waits, 0)]).collect();
        bench.fetch(id, records);
        bench.end_run(&[]);
        bench.give(Event::Stop { within: Duration::from_secs(20) });
        assert_eq!(bench.publishes.len(), moved);
        while !bench.publishes.is_empty() {
            bench.acknowledge();
        }
        assert!(bench.others.iter().any(|it| matches!(it, Action::Close)));
        assert_eq!(bench.committed(id), Some(committed));
    }
}

/// A waiting record, due in ten seconds, in front of one that has ended; the application is stopping and has twenty.
fn stopping_behind_a_wait() -> (Bench, AssignmentId) {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let of = |offset, due| waiting(offset, due, bench.now);
    let records = vec![of(0, 10_000), of(1, 0)];
    bench.fetch(id, records);
    (bench, id)
}

#[test]
fn a_rebalance_behind_a_stop_leaves_less_time_and_what_is_in_front_is_looked_at_anew() {
    let stop = Event::Stop { within: Duration::from_secs(20) };
    let (mut bench, id) = stopping_behind_a_wait();
    bench.end_run(&[]);
    bench.give(stop);
    assert!(bench.publishes.is_empty(), "it is due in time");
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    let copies: Vec<_> = bench.publishes.iter().map(|(ticket, _)| ticket.number).collect();
    assert_eq!(copies, [0], "it no longer is");
    bench.acknowledge();
    assert!(released(&bench) && !cancelled(&bench));
    assert_eq!(bench.committed(id), Some(2), "nothing that was handled comes again");
}

#[test]
fn a_rebalance_while_a_stop_waits_for_handlers_shortens_what_follows_them() {
    let (mut bench, id) = stopping_behind_a_wait();
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.end_run(&[]);
    assert_eq!(bench.publishes.len(), 1, "it is not due before the rebalance must be over");
    bench.acknowledge();
    assert!(released(&bench));
    assert_eq!(bench.committed(id), Some(2));
}

#[test]
fn a_deadline_that_is_not_earlier_changes_nothing() {
    for seconds in [2, 20] {
        let (mut bench, id) = stopping_behind_a_wait();
        bench.end_run(&[]);
        bench.give(Event::Revoked { ids: vec![id], lost: false });
        assert_eq!(bench.publishes.len(), 1);
        let before = halts(&bench);
        bench.give(Event::Stop { within: Duration::from_secs(seconds) });
        assert_eq!(halts(&bench), before);
        bench.acknowledge();
        assert!(released(&bench));
    }
}

#[test]
fn a_wait_that_cannot_be_helped_is_not_waited_for() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    // What was read is old, and there is more: it would take long until a copy is read.
    let wait = keyed(0, None, due_in(600_000, "g", bench.now));
    bench.fetch(id, vec![wait, keyed(1, None, due_in(0, "g", bench.now))]);
    bench.give(Event::Readable(id));
    bench.end_run(&[]);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    assert!(bench.publishes.is_empty());
    assert!(bench.others.iter().any(|it| matches!(it, Action::Close)));
    assert_eq!(bench.committed(id), None);
}

#[test]
fn a_paused_listener_handles_nothing_before_the_end() {
    let mut bench = Bench::new(Listening { order: Order::Key, ..Listening::default() });
    let id = two_keys(&mut bench);
    bench.give(Event::Pause(ListenerIndex(0)));
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    assert_eq!(halts(&bench), 2, "for the pause, and for the end");
    bench.give(Event::Pause(ListenerIndex(0)));
    assert_eq!(halts(&bench), 2, "it is paused already");
    let (_, b) = bench.runs.remove(1);
    halt_runs(&mut bench, 1);
    bench.runs.push((id, b));
    halt_runs(&mut bench, 2);
    assert!(bench.runs.is_empty());
    assert!(bench.others.iter().any(|it| matches!(it, Action::Close)));
}
