//! The end of all, on request (R1, R5).

use super::leaving::{cancelled, released};
use super::*;

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
            Action::Start { runs, .. } => panic!("{runs:?}"),
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
fn what_fails_after_it_was_given_up_is_not_forwarded() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Stop { within: Duration::from_secs(1) });
    bench.wait(Duration::from_secs(1));
    bench.end_run(&[0]);
    assert!(bench.publishes.is_empty(), "its next owner delivers it again");
}
