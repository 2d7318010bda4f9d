//! What is read, and where the consumer stands (R2, R15).

use super::*;
use crate::broker::OffsetReset;

#[test]
fn a_first_assignment_commits_where_it_began() {
    let mut bench = Bench::new(Listening::default());
    let (id, partition) = (AssignmentId(1), TopicPartition { topic: topic("t"), partition: 0 });
    bench.give(Event::Assigned(vec![Assigned { id, partition, start: 40, committed: None }]));
    assert_eq!(bench.committed(id), Some(40));
}

#[test]
fn control_records_at_the_end_are_stepped_over_once_everything_has_ended() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    assert!(bench.others.is_empty(), "0 has not ended");
    bench.end_run(&[]);
    assert!(matches!(bench.others[..], [Action::AskPosition(asked)] if asked == id));
    bench.give(Event::Position { id, offset: 3 });
    assert_eq!(bench.committed(id), Some(3));
}

#[test]
fn the_position_is_asked_for_once_after_each_fetch() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    for asked in 1..3 {
        bench.fetch(id, vec![record(asked)]);
        bench.end_run(&[]);
        bench.wait(Duration::from_secs(60));
        bench.give(Event::Position { id, offset: asked + 1 });
        assert_eq!(bench.others.len(), asked as usize, "{:?}", bench.others);
        bench.give(Event::Readable(id));
    }
}

#[test]
fn a_position_that_comes_when_more_is_being_read_is_passed_over() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[]);
    bench.give(Event::Readable(id));
    bench.give(Event::Position { id, offset: 6 });
    assert_eq!(bench.committed(id), Some(1), "5 may have been read, and has not come yet");
    bench.fetch(id, vec![record(5)]);
    assert_eq!(bench.committed(id), Some(1));
}

#[test]
fn a_full_window_reads_on_when_a_quarter_is_free() {
    let limits = Limits { window: 4, ..Limits::default() };
    let mut bench = Bench::new(Listening { order: Order::None, limits, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    assert_eq!(bench.takes[0].1.records, 1, "a quarter at a time");
    let (asked, _) = bench.takes.remove(0);
    bench.give(Event::Fetched { id: asked, records: (0..4).map(record).collect(), drained: false });
    assert!(bench.takes.is_empty());
    bench.runs.swap(0, 3);
    bench.end_run(&[]);
    assert!(bench.takes.is_empty(), "3 has ended, but 0 keeps the window shut");
    bench.runs.swap(0, 2);
    bench.end_run(&[]);
    assert_eq!(bench.takes, [(id, Room { records: 1, bytes: Limits::default().partition_bytes - 2 })]);
}

#[test]
fn one_partitions_hoard_does_not_stop_another_and_freed_bytes_are_used() {
    let limits = Limits { window: 100, partition_bytes: 10, total_bytes: 20 };
    let mut bench = Bench::new(Listening { limits, ..Listening::default() });
    let (hoarder, other) = (bench.assign(1, "t", 0), bench.assign(2, "t", 1));
    bench.fetch(hoarder, (0..10).map(record).collect());
    bench.fetch(other, vec![record(0)]);
    bench.give(Event::Readable(other));
    assert_eq!(bench.takes, [(other, Room { records: 1, bytes: 4 })], "its share, whatever the hoarder holds");
    bench.fetch(other, (1..5).map(record).collect());
    bench.give(Event::Readable(other));
    assert!(bench.takes.is_empty(), "it has had its share");
    bench.end_run(&[]);
    assert_eq!(bench.takes.len(), 1, "freed by the hoarder, used by the other");
    assert_eq!(bench.takes[0].0, other);
}

#[test]
fn a_waiting_record_counts_with_its_headers_and_with_what_keeping_it_takes() {
    let limits = Limits { window: 100, partition_bytes: 2000, total_bytes: 2000 };
    let mut bench = Bench::new(Listening { limits, ..Listening::default() });
    let id = bench.assign(1, "t-retry-1000", 0);
    let waiting = (0..3).map(|offset| keyed(offset, None, due_in(5000, "g", bench.now))).collect();
    bench.fetch(id, waiting);
    bench.give(Event::Readable(id));
    assert!(bench.takes.is_empty(), "three records of one byte take two kilobytes");
}

#[test]
fn a_retry_topic_is_read_in_small_pieces_so_that_what_is_due_starts_in_between() {
    let mut bench = Bench::new(Listening::default());
    bench.assign(1, "t", 0);
    bench.assign(2, "t-retry-1000", 0);
    let asked: Vec<_> = bench.takes.iter().map(|(_, room)| room.records).collect();
    assert_eq!(asked, [1024, 128]);
}

#[test]
fn which_topics_are_read_may_change_until_the_end() {
    let mut bench = Bench::new(Listening::default());
    let source = |bench: &Bench, name| bench.engine.source(&topic(name)).cloned();
    let [of_source, of_retry] = ["t", "t-retry-1000"].map(|name| source(&bench, name).unwrap());
    bench.give(Event::Sources(vec![(of_retry, OffsetReset::Earliest)]));
    assert!(source(&bench, "t").is_none());
    bench.assign(1, "t", 0);
    assert!(bench.takes.is_empty(), "it is read no more");
    bench.give(Event::Sources(vec![(of_source.clone(), OffsetReset::Latest)]));
    let subscribed: Vec<_> = bench.others.iter().filter(|it| matches!(it, Action::Subscribe(_))).collect();
    let [_, Action::Subscribe(topics)] = subscribed[..] else { panic!("{subscribed:?}") };
    assert_eq!(*topics, [(topic("t"), OffsetReset::Latest)]);
    let id = bench.assign(2, "t", 0);
    bench.fetch(id, vec![record(0)]);
    assert_eq!(bench.started(), [vec![0]]);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    bench.give(Event::Sources(vec![(of_source, OffsetReset::Latest)]));
    assert_eq!(bench.others.iter().filter(|it| matches!(it, Action::Subscribe(_))).count(), 2, "not at the end");
}

#[test]
fn where_long_waits_leave_no_room_it_is_told_once_that_nothing_is_taken_for_a_while() {
    let told = |bench: &Bench| bench.others.iter().filter(|action| matches!(action, Action::Rest(_))).count();
    let limits = Limits { partition_bytes: 100, ..Limits::default() };
    for (millis, rests) in [(1_000, 0), (1_001, 1)] {
        let mut bench = Bench::new(Listening { limits, ..Listening::default() });
        let id = bench.assign(1, "t-retry-1000", 0);
        let waiting = |offset| keyed(offset, None, due_in(millis, "g", bench.now));
        let records = (0..4).map(waiting).collect();
        bench.give(Event::Fetched { id, records, drained: false });
        assert_eq!(told(&bench), rests, "due in {millis} ms");
        bench.give(Event::Readable(id));
        assert_eq!(told(&bench), rests, "once");
    }
}
