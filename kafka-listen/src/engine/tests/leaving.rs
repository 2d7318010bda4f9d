//! Partitions that go: what ran ends, what ended is committed, and nobody waits for ever (R1, R5, R6).

use super::*;

pub(super) fn released(bench: &Bench) -> bool {
    bench.others.iter().any(|action| matches!(action, Action::Release(ids) if *ids == [AssignmentId(1)]))
}

pub(super) fn cancelled(bench: &Bench) -> bool {
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
