//! What handlers ask for.

use super::*;

/// The first record of the oldest run ends so; the rest of the run did not start.
fn decide_first(bench: &mut Bench, decision: Decision) {
    let (id, mut run) = bench.runs.remove(0);
    let queued = run.records.pop_front().unwrap();
    let failure = Box::new(Failure::asked(decision));
    let failed = vec![FailedDelivery { queued, failure, at: bench.now }];
    bench.give(Event::Progress(Progress {
        id,
        run: run.id,
        done: Numbers::default(),
        failed,
        over: Some(run.records),
    }));
}

#[test]
fn a_record_that_stops_its_listener_is_unfinished_and_the_first_when_it_goes_on() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    decide_first(&mut bench, Decision::Stop);
    let stopped = bench.others.iter().find_map(|action| match action {
        Action::StopListener { listener, record, .. } => Some((*listener, record.offset)),
        _ => None,
    });
    assert_eq!(stopped, Some((ListenerIndex(0), 0)));
    bench.give(Event::Readable(id));
    bench.wait(Duration::from_secs(60));
    assert!(bench.runs.is_empty() && bench.takes.is_empty(), "at once, before anybody answers");
    bench.give(Event::Pause(ListenerIndex(0)));
    assert_eq!(bench.committed(id), None);
    bench.give(Event::Resume(ListenerIndex(0)));
    assert_eq!(bench.started(), [vec![0, 1]]);
    assert_eq!(bench.runs[0].1.records[0].in_place, 1, "as the try that it was");
}

#[test]
fn runs_that_were_out_behind_it_follow_it_in_their_order() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    for offset in [0, 2, 4] {
        bench.fetch(id, vec![record(offset), record(offset + 1)]);
        bench.give(Event::Readable(id));
    }
    decide_first(&mut bench, Decision::Stop);
    bench.give(Event::Pause(ListenerIndex(0)));
    bench.give(Event::Resume(ListenerIndex(0)));
    bench.give_back();
    assert_eq!(bench.started(), [vec![2, 3]], "nothing starts as long as something may run");
    bench.give_back();
    assert_eq!(bench.started(), [vec![0, 1, 2, 3, 4, 5]]);
}

#[test]
fn one_that_stops_its_listener_on_the_way_out_does_not_start_again() {
    let mut bench = Bench::new(Listening { order: Order::None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.give(Event::Stop { within: Duration::from_secs(20) });
    bench.runs.swap(0, 1);
    bench.end_run(&[]);
    bench.give_back();
    assert_eq!(bench.started(), [vec![0]], "it stands in front of one that has ended");
    decide_first(&mut bench, Decision::Stop);
    assert!(bench.runs.is_empty());
    assert!(bench.others.iter().any(|action| matches!(action, Action::Close)), "{:?}", bench.others);
    assert_eq!(bench.committed(id), None);
}

#[test]
fn a_listener_that_stops_on_its_way_out_starts_nothing_more() {
    let mut bench = Bench::new(Listening { order: Order::None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    bench.runs.swap(0, 1);
    bench.end_run(&[]);
    decide_first(&mut bench, Decision::Stop);
    assert!(bench.runs.is_empty(), "though 1 behind it has ended");
    assert_eq!(bench.committed(id), None);
}

#[test]
fn a_wait_that_a_handler_asks_for_is_the_lanes_where_there_is_no_retry_topic() {
    let mut bench = Bench::new(Listening { attempts: None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0), record(1)]);
    decide_first(&mut bench, Decision::RetryAfter(Duration::from_secs(30)));
    bench.wait(Duration::from_millis(29_999));
    assert!(bench.runs.is_empty());
    bench.wait(Duration::from_millis(1));
    assert_eq!(bench.started(), [vec![0, 1]]);
    assert_eq!(bench.runs[0].1.records[0].in_place, 2);
}

#[test]
fn a_wait_that_a_handler_asks_for_is_believed_in_its_retry_topic() {
    let mut bench = Bench::new(Listening::default());
    let (id, retry) = (bench.assign(1, "t", 0), bench.assign(2, "t-retry-1000", 0));
    bench.fetch(id, vec![record(0), record(1)]);
    decide_first(&mut bench, Decision::RetryAfter(Duration::from_secs(3600)));
    assert_eq!(bench.started(), [vec![1]], "nothing waits for it");
    bench.end_run(&[]);
    let copy = bench.acknowledge();
    bench.fetch(retry, vec![stored(0, &copy)]);
    assert_eq!(bench.engine.wake_at().map(|at| at.since(bench.now)), Some(Duration::from_secs(3600)));
}

#[test]
fn what_is_discarded_has_ended() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    decide_first(&mut bench, Decision::Discard("spam".into()));
    assert!(bench.publishes.is_empty());
    assert_eq!(bench.committed(id), Some(1));
}

#[test]
fn a_wait_beyond_what_a_handler_may_ask_for_is_cut_and_told() {
    let told = |attempts, asked| {
        let mut bench = Bench::new(Listening { attempts, ..Listening::default() });
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![record(0)]);
        decide_first(&mut bench, Decision::RetryAfter(asked));
        bench.told.into_iter().find_map(|told| match told {
            observe::Event::RetryAfterCut { asked, limit, .. } => Some((asked, limit)),
            _ => None,
        })
    };
    let hour = Duration::from_secs(3600);
    let more = hour + Duration::from_millis(1);
    assert_eq!(told(Some(3), hour), None);
    assert_eq!(told(Some(3), more), Some((more, hour)));
    assert_eq!(told(None, more), Some((more, hour)), "in place, too");
    assert_eq!(told(Some(1), more), None, "it goes to the DLT, and waits for nothing");
}

#[test]
fn a_route_that_there_is_not_is_told_and_its_record_goes_to_the_dlt_of_all() {
    let asked_for = |route: &'static str| {
        let mut bench = Bench::new(Listening::default());
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![record(0)]);
        decide_first(&mut bench, Decision::DeadLetterTo(route.into()));
        let told = bench.told.iter().find_map(|told| match told {
            observe::Event::UnknownRoute { route, topic, .. } => Some((route.clone(), topic.clone())),
            _ => None,
        });
        (bench.acknowledge().topic, told)
    };
    assert_eq!(asked_for("spam"), (topic("t-spam-dlt"), None));
    assert_eq!(asked_for("nowhere"), (topic("t-dlt"), Some(("nowhere".to_owned(), topic("t-dlt")))));
}

#[test]
fn what_is_discarded_is_told_with_its_reason() {
    let told = |decision, rejected: bool| {
        let mut bench = Bench::new(Listening { attempts: Some(1), end: EndKind::Discard, ..Listening::default() });
        let id = bench.assign(1, "t", 0);
        bench.fetch(id, vec![record(0)]);
        if rejected {
            bench.fail_first(FailureKind::Rejection);
        } else {
            decide_first(&mut bench, decision);
        }
        bench.told.into_iter().find_map(|told| match told {
            observe::Event::Discarded { reason, .. } => Some(reason),
            _ => None,
        })
    };
    assert_eq!(told(Decision::Discard("spam".into()), false).as_deref(), Some("spam"));
    assert_eq!(told(Decision::Retry, false).as_deref(), Some("attempts used up"));
    assert_eq!(told(Decision::DeadLetter, false).as_deref(), Some("given up by the handler"));
    assert_eq!(told(Decision::DeadLetter, true).as_deref(), Some("rejected by a parameter"));
}

/// The time counts from the record's own timestamp where it was first read, and from what a copy says of that everywhere else.
#[test]
fn what_fails_behind_its_time_limit_is_dead() {
    let written_to = |name, record: &dyn Fn(&Bench) -> Record, waits| {
        let mut bench = Bench::new(Listening { timeout: Some(Duration::from_secs(1000)), ..Listening::default() });
        let id = bench.assign(1, name, 0);
        let record = record(&bench);
        bench.fetch(id, vec![record]);
        bench.wait(waits);
        bench.end_run(&[0]);
        bench.publishes.remove(0).1.topic.to_string()
    };
    // It is from the first millisecond of a clock that says a million.
    let source = |_: &Bench| record(0);
    assert_eq!(written_to("t", &source, Duration::ZERO), "t-retry-1000");
    assert_eq!(written_to("t", &source, Duration::from_millis(1)), "t-dlt");
    let copy = |bench: &Bench| {
        let late = RecordTime { kind: TimestampType::CreateTime, at: bench.now };
        Record::new(0, late, OwnedBody { headers: due_in(0, "g", bench.now), ..OwnedBody::default() })
    };
    assert_eq!(written_to("t-retry-1000", &copy, Duration::ZERO), "t-retry-2000");
    assert_eq!(written_to("t-retry-1000", &copy, Duration::from_millis(1)), "t-dlt");
}
