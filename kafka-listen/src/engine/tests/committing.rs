//! When commits are sent, and what follows from their answers (R2, R15).

use super::*;

/// A bench whose partition has three records that run side by side.
fn three_running() -> (Bench, AssignmentId) {
    let mut bench = Bench::new(Listening { order: Order::None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, (0..3).map(record).collect());
    (bench, id)
}

fn answer(bench: &mut Bench, id: AssignmentId, offset: i64, error: Option<&str>) {
    bench.give(Event::Committed { offsets: vec![(id, offset)], error: error.map(str::to_owned) });
}

#[test]
fn the_first_commit_goes_at_once_and_the_next_after_the_interval() {
    let (mut bench, id) = three_running();
    bench.end_run(&[]);
    assert_eq!(bench.commits.get(&id), Some(&1));
    bench.end_run(&[]);
    bench.wait(Duration::from_millis(99));
    assert_eq!(bench.commits.get(&id), Some(&1));
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.commits.get(&id), Some(&2));
    bench.end_run(&[]);
    bench.wait(Duration::from_millis(100));
    assert_eq!(bench.commits.get(&id), Some(&3));
    assert_eq!(bench.engine.wake_at(), None, "there is nothing more to commit");
}

#[test]
fn one_commit_at_a_time_and_one_that_nobody_answers_stops_the_others_for_a_bounded_time() {
    let (mut bench, id) = three_running();
    bench.answers = false;
    bench.end_run(&[]);
    bench.end_run(&[]);
    bench.wait(Duration::from_millis(9999));
    assert_eq!(bench.commits.get(&id), Some(&1));
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.commits.get(&id), Some(&2));
}

#[test]
fn a_commit_that_failed_is_sent_again_after_twice_the_interval() {
    let (mut bench, id) = three_running();
    bench.answers = false;
    bench.end_run(&[]);
    bench.commits.clear();
    answer(&mut bench, id, 1, Some("no coordinator"));
    bench.wait(Duration::from_millis(199));
    assert!(bench.commits.is_empty(), "not in a loop");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.commits.remove(&id), Some(1));
    answer(&mut bench, id, 1, None);
    bench.wait(Duration::from_secs(60));
    assert!(bench.commits.is_empty(), "it succeeded");
}

#[test]
fn an_old_commit_that_failed_late_takes_nothing_back() {
    let (mut bench, id) = three_running();
    bench.answers = false;
    bench.end_run(&[]);
    bench.end_run(&[]);
    bench.wait(Duration::from_secs(10));
    assert_eq!(bench.commits.remove(&id), Some(2));
    answer(&mut bench, id, 1, Some("it took too long"));
    bench.wait(Duration::from_secs(60));
    assert!(bench.commits.is_empty(), "2 is on its way");
    answer(&mut bench, id, 2, Some("this one too"));
    bench.wait(Duration::from_millis(200));
    assert_eq!(bench.commits.get(&id), Some(&2));
}

#[test]
fn a_clock_that_steps_back_holds_no_commit_up() {
    let (mut bench, id) = three_running();
    bench.end_run(&[]);
    bench.end_run(&[]);
    bench.now = bench.now.before(Duration::from_secs(3600));
    bench.wait(Duration::from_millis(100));
    assert_eq!(bench.commits.get(&id), Some(&2));
}
