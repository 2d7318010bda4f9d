//! Clients that are killed: at random, at dangerous instants, in a long wait.

use kafka_listen_tests::history::check::Expected;
use kafka_listen_tests::history::{Delivery, Ending};

use crate::rig::{Load, Rig, STATIC, produce, shared, until};

#[test]
fn ten_kills_lose_nothing_and_repeat_only_what_was_uncommitted() {
    let rig = Rig::new(shared(), "killed", 3);
    let load = Load::start(&rig, 250);
    for kill in 0..10 {
        let runtime = if kill % 2 == 0 { "multi_thread" } else { "current_thread" };
        let worker = rig.start(&[STATIC, ("WORKER_RUNTIME", runtime)]);
        rig.until_more(100 + (kill * 197) % 400);
        worker.kill();
    }
    let worker = rig.start(&[STATIC]);
    rig.finish(load, [worker]);
    rig.tool_shows_no_lag();
    rig.judge(&Expected::default());
}

#[test]
fn deaths_at_dangerous_instants_lose_nothing() {
    let rig = Rig::new(shared(), "dying", 3);
    let load = Load::start(&rig, 200);
    let instants = ["begun", "ended:115", "retried", "retry-ended", "dead-lettered", "dead", "assigned"];
    for (index, instant) in instants.iter().enumerate() {
        let runtime = if index % 2 == 0 { "current_thread" } else { "multi_thread" };
        let settings = [STATIC, ("WORKER_RUNTIME", runtime), ("WORKER_DIES", instant)];
        rig.start(&settings).dies();
    }
    // Inside a revoke: another member comes, and whoever has to give partitions up dies while it does.
    let dying = rig.start(&[("WORKER_DIES", "revoked")]);
    rig.until_more(200);
    let second = rig.start(&[]);
    dying.dies();
    rig.finish(load, [second]);
    rig.judge(&Expected::default());
}

#[test]
fn kills_of_members_that_keep_the_order_of_each_key_lose_and_reorder_nothing() {
    let rig = Rig::new(shared(), "keyed", 3).set("WORKER_VERSION", "keyed").set("WORKER_WORKS_MS", "10");
    let load = Load::start(&rig, 300);
    for runtime in ["multi_thread", "current_thread", "multi_thread"] {
        let worker = rig.start(&[STATIC, ("WORKER_RUNTIME", runtime)]);
        rig.until_more(400);
        worker.kill();
    }
    let worker = rig.start(&[STATIC]);
    rig.finish(load, [worker]);
    rig.judge(&Expected { by_key: true, ..Expected::default() });
}

#[test]
fn members_of_the_new_protocol_that_are_killed_and_restarted_lose_nothing() {
    let rig = Rig::new(shared(), "consumers", 4).set("WORKER_PROPERTIES", "group.protocol=consumer");
    let load = Load::start(&rig, 200);
    let (first, second) = (rig.start(&[]), rig.start(&[("WORKER_RUNTIME", "current_thread")]));
    rig.until_more(300);
    first.kill();
    let third = rig.start(&[]);
    rig.until_more(1000);
    second.stop();
    rig.until_more(300);
    let fourth = rig.start(&[]);
    rig.until_more(300);
    third.kill();
    rig.finish(load, [fourth]);
    rig.judge(&Expected::default());
}

/// As a process built with `panic = "abort"` does.
#[test]
fn a_panic_that_ends_the_process_repeats_the_record_and_loses_nothing() {
    // One partition: none of the numbers is handled before the ones in front of it.
    let rig = Rig::new(shared(), "panicking", 1).set(STATIC.0, STATIC.1);
    let load = Load::start(&rig, 200);
    for number in [150, 151, 152] {
        rig.start(&[("WORKER_PANICS", &number.to_string())]).dies();
    }
    let worker = rig.start(&[]);
    rig.finish(load, [worker]);
    let verdict = rig.judge(&Expected::default());
    assert!(verdict.repeats >= 3, "{verdict}");
}

#[test]
fn a_kill_during_a_long_wait_delays_and_loses_nothing() {
    let rig = Rig::new(shared(), "waiting", 1).set("WORKER_DELAY", "3000").set(STATIC.0, STATIC.1);
    produce(&rig, [10, 11]);
    for (attempt, topic) in [(1, "waiting"), (2, "waiting-retry-3000"), (3, "waiting-retry-6000")] {
        let worker = rig.start(&[]);
        until("only what waits is uncommitted", || {
            let ended = |it: &Delivery| it.told.number == 10 && it.told.attempt == attempt && it.end.is_some();
            rig.deliveries().iter().any(ended) && rig.lags().iter().all(|((_, of), lag)| of != topic || *lag == 0)
        });
        worker.kill();
    }
    let worker = rig.start(&[]);
    until("both have ended", || {
        let deliveries = rig.deliveries();
        let has = |number, ending| {
            deliveries.iter().any(|it| it.told.number == number && it.end.is_some_and(|(_, it)| it == ending))
        };
        has(10, Ending::Dead) && has(11, Ending::Handled)
    });
    until("no lag is left", || rig.lags().values().all(|lag| *lag == 0));
    worker.stop();
    let verdict = rig.judge(&Expected::default());
    assert!(verdict.deliveries >= 8, "{verdict}");
}

#[test]
fn of_two_processes_the_other_takes_over_when_one_is_stopped_or_killed() {
    let rig = Rig::new(shared(), "taken-over", 4);
    let load = Load::start(&rig, 250);
    let (first, second) = (rig.start(&[]), rig.start(&[]));
    rig.until_more(200);
    first.stop();
    let third = rig.start(&[]);
    rig.until_more(400);
    second.kill();
    rig.until_more(400);
    rig.finish(load, [third]);
    rig.judge(&Expected::default());
}

#[test]
fn a_clean_stop_repeats_nothing() {
    let rig = Rig::new(shared(), "stopped", 3);
    let load = Load::start(&rig, 250);
    for runtime in ["multi_thread", "current_thread", "multi_thread"] {
        let worker = rig.start(&[("WORKER_RUNTIME", runtime)]);
        rig.until_more(150);
        worker.stop();
    }
    let worker = rig.start(&[]);
    rig.finish(load, [worker]);
    let verdict = rig.judge(&Expected::default());
    assert_eq!((verdict.repeats, verdict.second_copies), (0, 0));
}
