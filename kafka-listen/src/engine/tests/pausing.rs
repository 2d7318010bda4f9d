//! Listeners that are paused (R15).

use super::in_front::{halt_a, halt_runs, two_keys};
use super::*;

const L: ListenerIndex = ListenerIndex(0);

fn halted(bench: &Bench, id: AssignmentId) -> bool {
    bench.others.iter().any(|action| matches!(action, Action::Halt(halted) if *halted == id))
}

#[test]
fn nothing_starts_or_is_read_what_runs_may_end_and_all_goes_on_where_it_was() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1), record(2)]);
    bench.give(Event::Pause(L));
    assert!(halted(&bench, id));
    bench.give(Event::Readable(id));
    // The run stops behind its first record, which fails, and gives the others back.
    let (_, mut run) = bench.runs.remove(0);
    let failing = run.records.pop_front().unwrap();
    let failed = vec![bench.fails(failing, FailureKind::Error)];
    bench.give(Event::Progress(Progress {
        id,
        run: run.id,
        done: Numbers::default(),
        failed,
        over: Some(run.records),
    }));
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(1));
    bench.wait(Duration::from_secs(3600));
    assert!(bench.runs.is_empty() && bench.takes.is_empty());
    bench.give(Event::Resume(L));
    assert_eq!(bench.started(), [vec![1, 2]]);
    assert!(matches!(bench.others.last(), Some(Action::GoOn(on)) if *on == id), "before anything starts");
    assert_eq!(bench.takes.len(), 1, "it reads on");
}

#[test]
fn nothing_goes_on_before_all_runs_of_a_lane_are_back_in_their_order() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    for offset in [0, 2, 4] {
        bench.fetch(id, vec![record(offset), record(offset + 1)]);
        bench.give(Event::Readable(id));
    }
    bench.give(Event::Pause(L));
    bench.fetch(id, vec![record(6)]);
    bench.give(Event::Resume(L));
    // The first has handled one of its records.
    bench.give_back();
    bench.give_back();
    assert_eq!(bench.started(), [vec![0, 1]], "it still runs");
    let (_, run) = &mut bench.runs[0];
    let (run, done) = (run.id, Numbers::from_iter(run.records.pop_front().map(|it| it.number)));
    bench.give(Event::Progress(Progress { id, run, done, failed: Vec::new(), over: None }));
    bench.give_back();
    assert_eq!(bench.started(), [vec![1, 2, 3, 4, 5, 6]]);
}

#[test]
fn what_was_being_read_is_kept() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.give(Event::Pause(L));
    bench.fetch(id, vec![record(0)]);
    assert!(bench.runs.is_empty());
    bench.give(Event::Resume(L));
    assert_eq!(bench.started(), [vec![0]]);
}

#[test]
fn what_comes_while_a_run_ends_starts_once() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Readable(id));
    bench.give(Event::Pause(L));
    bench.fetch(id, vec![record(1)]);
    bench.end_run(&[]);
    bench.give(Event::Resume(L));
    assert_eq!(bench.started(), [vec![1]]);
}

#[test]
fn due_retries_wait_wake_nobody_and_run_at_once_when_it_goes_on() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let (soon, late) = (due_in(500, "g", bench.now), due_in(5000, "g", bench.now));
    bench.fetch(id, vec![keyed(0, None, soon), keyed(1, None, late)]);
    bench.give(Event::Pause(L));
    bench.wait(Duration::from_secs(1));
    assert!(bench.runs.is_empty());
    assert_eq!(bench.engine.wake_at(), None, "no hot loop");
    bench.give(Event::Resume(L));
    assert_eq!(bench.started(), [vec![0]]);
    bench.end_run(&[]);
    bench.wait(Duration::from_secs(4));
    assert_eq!(bench.started(), [vec![1]], "a pause makes no wait longer");
}

#[test]
fn a_try_in_place_waits_too() {
    let mut bench = Bench::new(Listening { attempts: None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Pause(L));
    bench.end_run(&[0]);
    bench.wait(Duration::from_secs(60));
    assert!(bench.runs.is_empty());
    bench.give(Event::Resume(L));
    assert_eq!(bench.runs[0].1.records[0].in_place, 2);
}

#[test]
fn a_partition_that_comes_during_a_pause_is_paused_until_it_ends() {
    let mut bench = Bench::new(Listening::default());
    bench.give(Event::Pause(L));
    let gone = bench.assign(1, "t", 0);
    assert!(halted(&bench, gone) && bench.takes.is_empty());
    bench.give(Event::Revoked { ids: vec![gone], lost: false });
    assert!(bench.others.iter().any(|action| matches!(action, Action::Release(_))), "it is let go at once");
    let id = bench.assign(2, "t", 0);
    bench.give(Event::Readable(id));
    assert!(bench.takes.is_empty());
    bench.give(Event::Resume(L));
    assert_eq!(bench.takes.len(), 1);
}

#[test]
fn another_listener_goes_on() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.give(Event::Pause(ListenerIndex(1)));
    bench.fetch(id, vec![record(0)]);
    assert_eq!(bench.started(), [vec![0]]);
}

#[test]
fn a_pause_while_it_leaves_starts_nothing_of_what_was_still_to_be_handled() {
    let mut bench = Bench::new(Listening { order: Order::Key, ..Listening::default() });
    let id = two_keys(&mut bench);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    halt_a(&mut bench);
    halt_runs(&mut bench, 2);
    assert_eq!(bench.started(), [vec![1, 3]], "they stand in front of 4, which has ended");
    bench.others.clear();
    bench.give(Event::Pause(L));
    assert!(halted(&bench, id), "3 does not start behind 1");
    halt_runs(&mut bench, 1);
    assert!(bench.runs.is_empty());
    assert_eq!(bench.committed(id), Some(3));
    assert!(bench.others.iter().any(|it| matches!(it, Action::Close)), "nothing is waited for");
}
