//! Batches: when they go out, how large, and what becomes of those that fail (R2, R4, R5, R9).

use super::*;

const WAIT: Duration = Duration::from_millis(200);

fn three() -> Listening {
    Listening { batching: Some(Batching { max: 3, wait: WAIT }), ..Listening::default() }
}

fn records(offsets: std::ops::Range<i64>) -> Vec<Record> {
    offsets.map(record).collect()
}

/// A bench with one partition that has read these.
fn reading(listening: Listening, offsets: std::ops::Range<i64>) -> (Bench, AssignmentId) {
    let mut bench = Bench::new(listening);
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, records(offsets));
    (bench, id)
}

fn more(bench: &mut Bench, id: AssignmentId, offsets: std::ops::Range<i64>) {
    bench.give(Event::Readable(id));
    bench.fetch(id, records(offsets));
}

#[test]
fn full_batches_go_out_at_once_and_the_rest_when_its_first_record_has_waited() {
    let (mut bench, id) = reading(three(), 0..2);
    bench.wait(WAIT / 2);
    assert!(bench.started().is_empty());
    more(&mut bench, id, 2..7);
    assert_eq!(bench.started(), [vec![0, 1, 2], vec![3, 4, 5]]);
    bench.end_run(&[]);
    bench.end_run(&[]);
    bench.wait(WAIT - Duration::from_millis(1));
    assert!(bench.started().is_empty(), "6 came with the second half of them");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.started(), [vec![6]]);
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(7));
}

#[test]
fn what_has_waited_once_does_not_wait_again() {
    let (mut bench, id) = reading(three(), 0..3);
    more(&mut bench, id, 3..4);
    bench.wait(WAIT * 2);
    assert_eq!(bench.started(), [vec![0, 1, 2]], "a batch grows as long as nobody could take it");
    more(&mut bench, id, 4..5);
    bench.end_run(&[]);
    assert_eq!(bench.started(), [vec![3, 4]]);
}

#[test]
fn a_step_back_of_the_clock_makes_no_batch_wait_longer() {
    let (mut bench, _) = reading(three(), 0..1);
    bench.now = bench.now.before(Duration::from_secs(60));
    bench.wait(WAIT);
    assert_eq!(bench.started(), [vec![0]]);
}

#[test]
fn without_order_batches_run_side_by_side() {
    let (mut bench, id) = reading(Listening { order: Order::None, attempts: None, ..three() }, 0..7);
    assert_eq!(bench.started(), [vec![0, 1, 2], vec![3, 4, 5]]);
    bench.wait(WAIT);
    assert_eq!(bench.started().last(), Some(&vec![6]), "nobody waits for the others");
    bench.end_run(&[1]);
    assert_eq!(bench.started().last(), Some(&vec![1]), "and what fails runs again beside them");
    // Only a lane that is over is forgotten: one that was left without that would stay for ever.
    assert_eq!(bench.runs.last().unwrap().1.id.lane, LaneId::Single(0), "in the lane of its batch");
    bench.end_run(&[]);
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(1));
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(7));
}

#[test]
fn each_failed_record_goes_its_own_way_and_the_others_end() {
    let (mut bench, id) = reading(three(), 0..3);
    bench.end_run(&[0, 2]);
    let offsets = bench.told.iter().filter_map(|event| match event {
        observe::Event::Retried { record, attempt: 2, .. } => Some(record.offset),
        _ => None,
    });
    assert_eq!(offsets.collect::<Vec<_>>(), [0, 2]);
    assert_eq!(bench.committed(id), None, "0 waits for its copy");
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(2));
    bench.acknowledge();
    assert_eq!(bench.committed(id), Some(3));
}

#[test]
fn what_failed_runs_again_in_place_by_itself_and_before_what_follows() {
    let in_place = InPlace::new(3, Duration::from_secs(1), 1.0, None).unwrap();
    let listening = Listening { attempts: None, in_place: Some(in_place), ..three() };
    let (mut bench, id) = reading(listening, 0..5);
    assert_eq!(bench.started(), [vec![0, 1, 2]], "a lane that may stop has one batch out");
    bench.end_run(&[0, 2]);
    assert!(bench.started().is_empty());
    bench.wait(Duration::from_secs(1));
    assert_eq!(bench.started(), [vec![0, 2]]);
    assert!(bench.runs[0].1.records.iter().all(|queued| queued.in_place == 2));
    bench.end_run(&[2]);
    bench.wait(Duration::from_secs(1));
    assert_eq!(bench.started(), [vec![2]]);
    bench.end_run(&[2]);
    assert_eq!(bench.publishes.len(), 1, "its tries are used up");
    assert_eq!(bench.started(), [vec![3, 4]]);
    bench.acknowledge();
    bench.end_run(&[]);
    assert_eq!(bench.committed(id), Some(5));
}

#[test]
fn what_runs_again_in_place_waits_for_its_pause_and_for_no_others() {
    let pause = WAIT / 4;
    let in_place = Some(InPlace::new(3, pause, 1.0, None).unwrap());
    let (mut bench, _) = reading(Listening { attempts: None, in_place, ..three() }, 0..4);
    bench.end_run(&[0]);
    bench.wait(pause);
    assert_eq!(bench.started(), [vec![0]], "3, which lies behind it, does wait");
}

#[test]
fn of_a_retry_topic_what_is_due_goes_out_together_and_waits_for_nothing() {
    let mut bench = Bench::new(three());
    let id = bench.assign(1, "t-retry-1000", 0);
    let due = |offset, millis| keyed(offset, None, due_in(millis, "g", bench.now));
    let (waiting, later) = (vec![due(0, 100), due(1, 50), due(2, 50), due(3, 150)], due(4, 600_000));
    bench.fetch(id, waiting);
    bench.wait(Duration::from_millis(50));
    assert_eq!(bench.started(), [vec![1, 2]]);
    bench.wait(Duration::from_millis(100));
    bench.give(Event::Readable(id));
    bench.fetch(id, vec![later]);
    bench.end_run(&[]);
    assert_eq!(bench.started(), [vec![0, 3]], "both were due while nobody could take them, whatever came since");
}

#[test]
fn a_batch_that_cannot_grow_waits_for_nobody() {
    let limits = Limits { window: 4, ..Limits::default() };
    let mut bench = Bench::new(Listening { limits, batching: Some(Batching { max: 100, wait: WAIT }), ..three() });
    let id = bench.assign(1, "t", 0);
    for offset in 0..4 {
        let asked = bench.takes.pop().expect("it has room");
        assert_eq!(asked.1.records, 1);
        bench.give(Event::Fetched { id, records: vec![record(offset)], drained: offset == 3 });
    }
    assert!(bench.started().is_empty(), "the window is full, but nobody is kept out by it");
    bench.give(Event::Readable(id));
    assert_eq!(bench.started(), [vec![0, 1, 2, 3]], "more lies behind it");
}

#[test]
fn half_a_batch_is_left_to_whoever_has_the_partition_next() {
    let (mut bench, id) = reading(three(), 0..5);
    bench.wait(WAIT / 2);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    assert_eq!(bench.started(), [vec![0, 1, 2]]);
    bench.end_run(&[]);
    assert!(bench.started().is_empty());
    assert_eq!(bench.commits.get(&id), Some(&3));
    assert!(bench.others.iter().any(|action| matches!(action, Action::Release(ids) if *ids == [id])));
}

#[test]
fn what_stands_in_front_of_what_has_ended_goes_out_before_the_end() {
    let (mut bench, id) = reading(Listening { order: Order::None, ..three() }, 0..6);
    bench.give(Event::Pause(ListenerIndex(0)));
    bench.give_back();
    bench.give(Event::Resume(ListenerIndex(0)));
    assert_eq!(bench.started(), [vec![0, 1, 2], vec![3, 4, 5]], "given back, they go out again");
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    let (_, first) = bench.runs.remove(0);
    bench.end_run(&[]);
    let (done, failed, over) = (Numbers::default(), Vec::new(), Some(first.records));
    bench.give(Event::Progress(Progress { id, run: first.id, done, failed, over }));
    assert_eq!(bench.started(), [vec![0, 1, 2]], "so that 3, 4 and 5 can be committed");
    bench.end_run(&[]);
    assert_eq!(bench.commits.get(&id), Some(&6));
}

#[test]
fn what_runs_again_together_waits_for_the_longest_pause_of_any() {
    let in_place = InPlace::new(3, Duration::ZERO, 1.0, None).unwrap();
    let (mut bench, id) = reading(Listening { attempts: None, in_place: Some(in_place), ..three() }, 0..3);
    let (_, run) = bench.runs.remove(0);
    let later = |(seconds, queued)| {
        let decision = Decision::RetryAfter(Duration::from_secs(seconds));
        FailedDelivery { queued, failure: Box::new(Failure::asked(decision)), at: bench.now }
    };
    let failed = [5, 9, 2].into_iter().zip(run.records).map(later).collect();
    let (done, over) = (Numbers::default(), Some(VecDeque::new()));
    bench.give(Event::Progress(Progress { id, run: run.id, done, failed, over }));
    bench.wait(Duration::from_millis(8_999));
    assert!(bench.started().is_empty(), "none of them too early");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.started(), [vec![0, 1, 2]]);
}

#[test]
fn a_pause_in_place_is_kept_before_the_end_though_what_rested_with_it_is_given_up() {
    let in_place = InPlace::new(3, Duration::from_secs(1), 1.0, None).unwrap();
    let (mut bench, id) = reading(Listening { attempts: None, in_place: Some(in_place), ..three() }, 0..3);
    bench.end_run(&[0, 2]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.wait(Duration::from_millis(999));
    assert!(bench.started().is_empty(), "0 stands in front of 1, which has ended, and 2 does not");
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.started(), [vec![0]]);
    bench.end_run(&[]);
    assert_eq!(bench.commits.get(&id), Some(&2));
}
