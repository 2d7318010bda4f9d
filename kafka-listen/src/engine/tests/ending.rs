//! How a record ends, and what may be committed then (R1, R2, R3, R4, R16, R17).

use super::*;
use crate::record::Body;

#[test]
fn handled_records_are_committed_in_one_unbroken_run() {
    let mut bench = Bench::new(Listening { order: Order::None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1), record(5)]);
    bench.runs.swap(0, 1);
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), None, "1 is handled, 0 is not");
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(2));
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(6), "over the gap");
}

#[test]
fn nothing_is_committed_before_the_copy_is_acknowledged() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.end_run(&[0]);
    assert_eq!(bench.publishes[0].1.topic.as_str(), "t-retry-1000");
    assert_eq!(bench.committed(id), None);
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(2));
}

#[test]
fn a_failing_record_is_delivered_as_often_as_declared_and_then_dead_lettered() {
    let mut bench = Bench::new(Listening::default());
    let mut id = bench.assign(1, "t", 2);
    bench.fetch(id, vec![record(0)]);
    let mut deliveries = 0;
    for (number, next) in [(2, "t-retry-1000"), (3, "t-retry-2000")] {
        bench.end_run(&[0]);
        deliveries += 1;
        let copy = bench.acknowledge();
        assert_eq!((copy.topic.as_str(), copy.partition), (next, crate::record::Wanted::IfThere(2)));
        id = bench.assign(number, next, 2);
        bench.fetch(id, vec![stored(0, &copy)]);
        assert!(bench.runs.is_empty(), "not before it is due");
        bench.wait(Duration::from_secs(2));
    }
    bench.end_run(&[0]);
    deliveries += 1;
    assert_eq!(deliveries, 3);
    assert_eq!(bench.acknowledge().topic.as_str(), "t-dlt");
    assert_eq!(bench.committed(id), Some(1));
}

#[test]
fn a_copy_that_was_not_written_is_written_again_and_its_source_waits() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[0]);
    for _ in 0..20 {
        bench.reject(PublishErrorKind::NotWritten);
        assert!(bench.publishes.is_empty(), "after a pause");
        bench.wait(Duration::from_secs(10));
    }
    assert_eq!(bench.committed(id), None);
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(1));
}

#[test]
fn a_clock_that_steps_back_holds_no_copy_up() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[0]);
    bench.reject(PublishErrorKind::NotWritten);
    bench.now = bench.now.before(Duration::from_secs(3600));
    bench.wait(Duration::from_millis(100));
    assert_eq!(bench.publishes.len(), 1);
}

#[test]
fn what_is_too_large_goes_on_with_less_and_without_a_value_to_the_dlt_only() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[0]);
    let mut written = Vec::new();
    while written.len() < 3 {
        let record = &bench.publishes[0].1;
        written.push((record.topic.to_string(), record.body.value().is_some()));
        bench.reject(PublishErrorKind::TooLarge);
    }
    assert!(written.iter().all(|(topic, value)| topic == "t-retry-1000" && *value), "{written:?}");
    let copy = bench.acknowledge();
    assert_eq!((copy.topic.as_str(), copy.body.value()), ("t-dlt", None));
    assert_eq!(bench.committed(id), Some(1));
}

#[test]
fn what_is_too_large_and_has_no_dlt_to_go_to_keeps_its_value_and_is_tried_for_ever() {
    let mut bench = Bench::new(Listening { end: EndKind::Discard, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.end_run(&[0]);
    for _ in 0..10 {
        let record = &bench.publishes[0].1;
        assert_eq!((record.topic.as_str(), record.body.value().is_some()), ("t-retry-1000", true));
        bench.reject(PublishErrorKind::TooLarge);
        bench.wait(Duration::from_secs(10));
    }
    let cut = bench.told.iter().filter(|told| matches!(told, observe::Event::Shrunk { .. })).count();
    assert_eq!(cut, 2, "the error's text and its trace");
    assert_eq!(bench.committed(id), None);
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(1));
}

#[test]
fn a_rejected_record_goes_to_the_dlt_at_once() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    let (_, run) = bench.runs.remove(0);
    let failed = run.records.into_iter().map(|it| bench.fails(it, FailureKind::Rejection)).collect();
    let over = Some(VecDeque::new());
    bench.give(Event::Progress(Progress { id, run: run.id, done: Numbers::default(), failed, over }));
    assert_eq!(bench.acknowledge().topic.as_str(), "t-dlt");
}

#[test]
fn a_second_acknowledgement_or_report_changes_nothing() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.end_run(&[0, 1]);
    let ticket = bench.publishes[0].0;
    bench.give(Event::Written { id: ticket.id, numbers: [ticket.number].into_iter().collect() });
    bench.give(Event::Written { id: ticket.id, numbers: [ticket.number; 2].into_iter().collect() });
    assert_eq!(bench.committed(id), Some(1));
}
