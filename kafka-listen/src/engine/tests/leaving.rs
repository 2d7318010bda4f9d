//! Partitions that go, and the end of all (R1, R5, R6, R9).

use super::*;

fn released(bench: &Bench) -> bool {
    bench.others.iter().any(|action| matches!(action, Action::Release(ids) if *ids == [AssignmentId(1)]))
}

fn cancelled(bench: &Bench) -> bool {
    bench.others.iter().any(|action| matches!(action, Action::Cancel(_)))
}

#[test]
fn a_revoked_partition_drains_commits_and_only_then_goes() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![record(1)]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    assert!(matches!(bench.others[..], [Action::Halt(_), Action::Warn(_)]), "{:?}", bench.others);
    bench.give_back();
    bench.end_run(&[0]);
    assert!(!released(&bench), "the copy is not acknowledged");
    assert!(bench.runs.is_empty(), "1 does not start any more");
    bench.acknowledge();
    assert_eq!(bench.commits.get(&id), Some(&1));
    assert!(released(&bench) && !cancelled(&bench));
}

#[test]
fn a_commit_that_nobody_answers_holds_the_group_up_for_a_bounded_time() {
    for answered in [false, true] {
        let mut bench = Bench::new(Listening::default());
        bench.answers = false;
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![record(0)]);
        bench.end_run(&[]);
        bench.give(Event::Revoked { ids: vec![id], lost: false });
        bench.wait(Duration::from_millis(1999));
        assert!(!released(&bench));
        if answered {
            bench.give(Event::Committed { offsets: vec![(id, 1)], error: None });
        } else {
            bench.wait(Duration::from_millis(1));
        }
        assert!(released(&bench));
    }
}

#[test]
fn the_last_commit_of_a_member_that_goes_has_time_to_be_refused_and_sent_again() {
    let mut bench = Bench::new(Listening::default());
    bench.answers = false;
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[]);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    assert!(bench.others.iter().any(|it| matches!(it, Action::Close)));
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.wait(Duration::from_millis(3_500));
    bench.give(Event::Committed { offsets: vec![(id, 1)], error: Some("the group had joined anew".to_owned()) });
    bench.commits.clear();
    bench.wait(Duration::from_millis(500));
    assert_eq!(bench.commits.get(&id), Some(&1), "once more");
    bench.wait(Duration::from_millis(1_999));
    assert!(!released(&bench));
    bench.wait(Duration::from_millis(1));
    assert!(released(&bench), "and not for ever");
}

#[test]
fn a_handler_that_does_not_end_holds_the_group_up_for_a_bounded_time() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.wait(Duration::from_millis(1999));
    assert!(!released(&bench));
    bench.wait(Duration::from_millis(1));
    assert!(released(&bench) && cancelled(&bench));
    assert_eq!(bench.commits.get(&id), None, "0 was not handled");
}

#[test]
fn what_comes_late_for_a_partition_that_is_gone_changes_nothing() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.give(Event::Revoked { ids: vec![id], lost: true });
    assert!(!released(&bench), "it is gone already");
    let again = bench.assign(2, "t", 0);
    bench.end_run(&[1]);
    assert!(bench.publishes.is_empty());
    assert_eq!((bench.committed(id), bench.committed(again)), (None, None));
}

#[test]
fn a_lost_partition_is_not_committed() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[]);
    bench.commits.clear();
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![record(1)]);
    bench.end_run(&[]);
    bench.give(Event::Revoked { ids: vec![id], lost: true });
    assert_eq!(bench.committed(id), None);
}

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

#[test]
fn a_wait_in_a_revoked_partition_is_forgotten_and_begins_anew() {
    let mut bench = Bench::new(Listening { attempts: None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.end_run(&[0]);
    assert!(bench.runs.is_empty(), "no try in place in a partition that goes");
    assert!(released(&bench));
    assert_eq!(bench.committed(id), None);
}

#[test]
fn a_stop_drains_closes_commits_and_ends() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    assert!(!bench.others.iter().any(|it| matches!(it, Action::Close)));
    bench.end_run(&[]);
    assert!(matches!(bench.others.last(), Some(Action::Close)), "{:?}", bench.others);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    assert_eq!(bench.commits.get(&id), Some(&2));
    assert!(released(&bench));
    bench.give(Event::Closed);
    assert!(matches!(bench.others.last(), Some(Action::Stopped)));
}

#[test]
fn a_stop_does_not_wait_for_ever() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    bench.wait(Duration::from_secs(20));
    assert!(cancelled(&bench));
    assert!(matches!(bench.others.last(), Some(Action::Close)));
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    assert_eq!(bench.commits.get(&id), None);
    assert!(released(&bench));
}

#[test]
fn records_that_come_when_nothing_may_start_any_more_are_not_committed_past() {
    let limits = Limits { window: 4, ..Limits::default() };
    let mut bench = Bench::new(Listening { order: Order::None, limits, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    let (asked, _) = bench.takes.remove(0);
    bench.give(Event::Fetched { id: asked, records: (0..4).map(record).collect(), drained: false });
    // All of it happens before any action is carried out.
    for (_, run) in std::mem::take(&mut bench.runs) {
        let done = run.records.iter().map(|it| it.number).collect();
        let over = Some(VecDeque::new());
        let progress = Progress { id, run: run.id, done, failed: Vec::new(), over };
        bench.engine.handle(Event::Progress(progress), bench.now);
    }
    bench.engine.handle(Event::Stop { within: Duration::from_secs(1) }, bench.now);
    let mut asked = Vec::new();
    while let Some(action) = bench.engine.next_action() {
        match action {
            Action::Take { id, .. } => {
                bench
                    .engine
                    .handle(Event::Fetched { id, records: vec![record(4), record(5)], drained: true }, bench.now);
            }
            Action::AskPosition(id) => asked.push(id),
            Action::Commit(offsets) => bench.commits.extend(offsets),
            _ => {}
        }
    }
    for id in asked {
        bench.give(Event::Position { id, offset: 6 });
    }
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.wait(Duration::from_secs(3));
    assert_eq!(bench.commits.get(&id), Some(&4), "4 and 5 were read and not handled");
}

#[test]
fn a_clock_that_steps_back_makes_no_deadline_longer() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.now = bench.now.before(Duration::from_secs(3600));
    bench.wait(Duration::ZERO);
    assert!(!released(&bench));
    bench.wait(Duration::from_secs(2));
    assert!(released(&bench));
}

#[test]
fn what_fails_after_it_was_given_up_is_not_forwarded() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Stop { within: Duration::from_secs(1) });
    bench.wait(Duration::from_secs(1));
    bench.end_run(&[0]);
    assert!(bench.publishes.is_empty(), "its next owner delivers it again");
}

/// Ends all runs that are out, each behind its first `handled` records; the rest comes back.
pub(super) fn halt_runs(bench: &mut Bench, handled: usize) {
    for (id, mut run) in std::mem::take(&mut bench.runs) {
        let rest = run.records.split_off(handled.min(run.records.len()));
        let done = run.records.iter().map(|it| it.number).collect();
        bench.give(Event::Progress(Progress { id, run: run.id, done, failed: Vec::new(), over: Some(rest) }));
    }
}

pub(super) fn two_keys(bench: &mut Bench) -> AssignmentId {
    let id = bench.assign(1, "t", 0);
    let keys = ["a", "a", "b", "a", "b", "a"];
    bench.fetch(id, (0..).zip(keys).map(|(offset, key)| keyed(offset, Some(key), vec![])).collect());
    id
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
        // Of `a` its first, 0, has ended; of `b` both, 2 and 4.
        let (_, b) = bench.runs.remove(1);
        halt_runs(&mut bench, 1);
        assert!(bench.runs.is_empty(), "not before all that runs has ended");
        bench.runs.push((id, b));
        halt_runs(&mut bench, 2);
        assert_eq!(bench.started(), [vec![1, 3]], "and not 5");
        assert!(!released(&bench));
        bench.end_run(&[]);
        assert_eq!(bench.committed(id), Some(5));
    }
}

/// A record of a retry topic that is due in so many milliseconds, and was written now.
fn just_written(offset: i64, due: i64, now: Timestamp) -> Record {
    let time = RecordTime { kind: TimestampType::CreateTime, at: now };
    let headers = due_in(due, "g", now);
    Record::new(offset, time, OwnedBody { value: Some(Bytes::from_static(b"v")), headers, ..OwnedBody::default() })
}

#[test]
fn a_wait_in_front_of_what_has_ended_is_written_again_when_the_partition_goes() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let of = |offset, due| just_written(offset, due, bench.now);
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

/// A waiting record, due in ten seconds, in front of one that has ended; the application is stopping and has twenty.
fn stopping_behind_a_wait() -> (Bench, AssignmentId) {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let of = |offset, due| just_written(offset, due, bench.now);
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
fn a_later_deadline_changes_nothing() {
    let (mut bench, id) = stopping_behind_a_wait();
    bench.end_run(&[]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    assert_eq!(bench.publishes.len(), 1);
    let halts = |bench: &Bench| bench.others.iter().filter(|it| matches!(it, Action::Halt(_))).count();
    let before = halts(&bench);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    assert_eq!(halts(&bench), before);
    bench.acknowledge();
    assert!(released(&bench));
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
    let (_, b) = bench.runs.remove(1);
    halt_runs(&mut bench, 1);
    bench.runs.push((id, b));
    halt_runs(&mut bench, 2);
    assert!(bench.runs.is_empty());
    assert!(bench.others.iter().any(|it| matches!(it, Action::Close)));
}
