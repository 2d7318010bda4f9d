//! What an observer is told.

use super::*;
use crate::observe::Event as Told;

#[test]
fn a_partition_that_goes_tells_whether_handlers_were_given_up() {
    for (runs, lost) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut bench = Bench::new(Listening::default());
        let id = bench.assign(1, "t", 0);
        if runs {
            bench.fetch(id, vec![record(0)]);
        }
        bench.give(Event::Revoked { ids: vec![id], lost });
        bench.wait(Duration::from_secs(10));
        let Some(Told::Revoked { partition, lost: told, cancelled, .. }) = bench.told.last() else {
            panic!("{:?}", bench.told)
        };
        assert_eq!((partition.to_string().as_str(), *told, *cancelled), ("t/0", lost, runs));
    }
}

#[test]
fn a_copy_that_is_not_written_tells_whose_it_is_and_how_often_it_was_tried() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(40), record(41)]);
    bench.end_run(&[41]);
    for (tries, kind) in [(1, PublishErrorKind::NotWritten), (2, PublishErrorKind::NoSuchTopic)] {
        bench.reject(kind);
        let Some(Told::PublishFailed { record, topic, tries: told, missing, .. }) = bench.told.last() else {
            panic!("{:?}", bench.told)
        };
        let missed = kind == PublishErrorKind::NoSuchTopic;
        assert_eq!((record.to_string().as_str(), topic.as_str()), ("t/0@41", "t-retry-1000"));
        assert_eq!((*told, *missing), (tries, missed));
        bench.wait(Duration::from_secs(1));
    }
}

#[test]
fn a_copy_that_is_not_answered_is_told_of_after_ten_seconds() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[0]);
    bench.told.clear();
    bench.wait(Duration::from_millis(9999));
    assert!(bench.told.is_empty());
    bench.wait(Duration::from_millis(1));
    assert!(matches!(bench.told[..], [Told::PublishSlow { count: 1, age, .. }] if age == Duration::from_secs(10)));
}

#[test]
fn a_handler_that_says_nothing_for_a_minute_is_told_of_each_minute() {
    for order in [Order::Partition, Order::None] {
        let mut bench = Bench::new(Listening { order, ..Listening::default() });
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![record(0), record(1)]);
        let lanes = bench.runs.len();
        bench.told.clear();
        bench.wait(Duration::from_millis(59_999));
        assert!(bench.told.is_empty(), "{order:?}");
        bench.wait(Duration::from_millis(1));
        let minute = Duration::from_secs(60);
        let told = |told: &[Told], count, age| {
            matches!(told, [Told::HandlerSilent { partition, count: c, age: a, .. }]
            if partition.to_string() == "t/0" && (*c, *a) == (count, age))
        };
        assert!(told(&bench.told, lanes, minute), "{order:?}: {:?}", bench.told);
        bench.wait(minute);
        assert!(told(&bench.told[1..], lanes, minute * 2), "{order:?}: {:?}", bench.told);
        (0..lanes).for_each(|_| bench.end_run(&[]));
        bench.told.clear();
        bench.wait(minute * 5);
        assert!(bench.told.is_empty(), "nothing runs: {:?}", bench.told);
    }
}

#[test]
fn a_run_that_gets_on_is_not_silent_and_one_lane_does_not_speak_for_another() {
    let mut bench = Bench::new(Listening { order: Order::None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.told.clear();
    bench.wait(Duration::from_secs(30));
    bench.end_run(&[]);
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![record(2)]);
    bench.wait(Duration::from_secs(30));
    let [Told::HandlerSilent { count: 1, age, .. }] = bench.told[..] else { panic!("{:?}", bench.told) };
    assert_eq!(age, Duration::from_secs(60), "of the one that has begun first");
    bench.wait(Duration::from_secs(60));
    assert!(matches!(bench.told[..], [_, Told::HandlerSilent { count: 2, .. }]), "{:?}", bench.told);

    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1), record(2)]);
    let run = bench.runs[0].1.id;
    bench.told.clear();
    for number in 0..2 {
        bench.wait(Duration::from_secs(50));
        let done = [number].into_iter().collect();
        bench.give(Event::Progress(Progress { id, run, done, failed: Vec::new(), over: None }));
    }
    assert!(bench.told.is_empty(), "{:?}", bench.told);
    bench.wait(Duration::from_secs(60));
    assert!(matches!(bench.told[..], [Told::HandlerSilent { count: 1, .. }]), "{:?}", bench.told);
}

/// A wake-up may come late, and a clock may be set.
#[test]
fn a_silent_handler_is_told_of_by_whoever_comes_late_and_after_a_minute_however_clocks_are_set() {
    let minute = Duration::from_secs(60);
    let silent = || {
        let mut bench = Bench::new(Listening::default());
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![record(0)]);
        bench.told.clear();
        bench
    };
    let told_after = |bench: Bench, age| {
        let [Told::HandlerSilent { count: 1, age: told, .. }] = bench.told[..] else { panic!("{:?}", bench.told) };
        assert_eq!(told, age);
    };
    let mut late = silent();
    late.now = late.now.after(minute * 2);
    late.give(Event::Tick);
    told_after(late, minute * 2);

    let mut set_back = silent();
    set_back.wait(minute / 2);
    set_back.give(Event::Tick);
    set_back.now = set_back.now.before(Duration::from_secs(600));
    set_back.wait(minute / 2 - Duration::from_millis(1));
    assert!(set_back.told.is_empty(), "{:?}", set_back.told);
    set_back.wait(Duration::from_millis(1));
    told_after(set_back, minute);
}

#[test]
fn a_record_that_rests_until_it_is_tried_again_is_no_silent_handler() {
    let in_place = Some(InPlace::new(3, Duration::from_secs(600), 1.0, None).unwrap());
    let mut bench = Bench::new(Listening { order: Order::Key, in_place, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![keyed(0, Some("a"), vec![]), keyed(1, Some("b"), vec![])]);
    bench.end_run(&[0]);
    bench.told.clear();
    bench.wait(Duration::from_secs(60));
    assert!(matches!(bench.told[..], [Told::HandlerSilent { count: 1, .. }]), "that of `b`: {:?}", bench.told);
}

#[test]
fn what_is_too_large_tells_what_was_left_out() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[0]);
    bench.told.clear();
    (0..4).for_each(|_| bench.reject(PublishErrorKind::TooLarge));
    let shrunk = bench.told.iter().filter_map(|told| match told {
        Told::Shrunk { topic, what, .. } => Some((topic.as_str(), *what)),
        _ => None,
    });
    let expected = [
        ("t-retry-1000", "the end of the error's text"),
        ("t-retry-1000", "the error's trace"),
        ("t-dlt", "its value"),
        ("t-dlt", "its value, key and headers"),
    ];
    assert_eq!(shrunk.collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_too_large_to_be_retried_is_told_as_a_dead_letter_once() {
    for (failing, reasons) in
        [(FailureKind::Error, [FailureKind::TooLarge]), (FailureKind::Rejection, [FailureKind::Rejection])]
    {
        let mut bench = Bench::new(Listening::default());
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![record(40)]);
        bench.fail_first(failing);
        (0..4).for_each(|_| bench.reject(PublishErrorKind::TooLarge));
        let dead = bench.told.iter().filter_map(|told| match told {
            Told::DeadLettered { record, topic, failure, .. } => Some((record, topic, failure)),
            _ => None,
        });
        let dead: Vec<_> = dead.collect();
        assert_eq!(dead.iter().map(|(_, _, failure)| failure.kind).collect::<Vec<_>>(), reasons);
        assert_eq!((dead[0].0.to_string().as_str(), dead[0].1.as_str()), ("t/0@40", "t-dlt"));
    }
}

#[test]
fn a_due_time_is_told_of_where_it_was_not_believed() {
    let clamped = |millis| {
        let mut bench = Bench::new(Listening::default());
        let id = bench.assign(1, "t-retry-1000", 0);
        let headers = due_in(millis, "g", bench.now);
        bench.fetch(id, vec![keyed(0, None, headers)]);
        let now = bench.now;
        bench.told.into_iter().find_map(|told| match told {
            Told::DueClamped { due, .. } => Some(due.since(now)),
            _ => None,
        })
    };
    let longest = Duration::from_secs(61 * 60);
    assert_eq!([-1, 0, 1000, 3_660_000].map(clamped), [None; 4]);
    assert_eq!(clamped(3_660_001), Some(longest));
}

#[test]
fn another_groups_retry_and_a_commit_that_failed_are_told() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let headers = due_in(0, "another", bench.now);
    bench.fetch(id, vec![keyed(0, None, headers)]);
    assert!(matches!(&bench.told[..], [.., Told::OtherGroup { record, .. }] if record.offset == 0));
    bench.give(Event::Committed { offsets: vec![(id, 1)], error: Some("no coordinator".into()) });
    assert!(matches!(&bench.told[..], [.., Told::CommitFailed { message }] if message == "no coordinator"));
}
