//! A broker that is killed, and one that is halted, under load.

use kafka_listen_tests::history::check::Expected;

use crate::rig::{Load, Rig, breakable, until};

#[test]
fn a_broker_that_is_killed_and_restarted_under_load_loses_nothing() {
    let kafka = breakable();
    let rig = Rig::new(kafka.broker(), "broker-killed", 4);
    let load = Load::start(&rig, 200);
    let (first, second) = (rig.start(&[]), rig.start(&[("WORKER_RUNTIME", "current_thread")]));
    rig.until_shared(&[&first, &second]);
    rig.until_more(300);
    for _ in 0..2 {
        rig.outage("the broker is killed", &[&first, &second], || {
            kafka.broker().kill();
            kafka.broker().restart();
        });
        rig.until_more(300);
    }
    rig.finish(load, [first, second]);
    rig.tool_shows_no_lag();
    rig.note_losses_after_outages();
    rig.judge(&Expected::default());
}

#[test]
fn a_broker_that_is_halted_beyond_every_session_loses_nothing() {
    let kafka = breakable();
    let rig = Rig::new(kafka.broker(), "broker-halted", 4);
    let load = Load::start(&rig, 200);
    let (first, second) = (rig.start(&[]), rig.start(&[("WORKER_RUNTIME", "current_thread")]));
    rig.until_shared(&[&first, &second]);
    rig.until_more(300);
    rig.outage("the broker is halted", &[&first, &second], || {
        kafka.broker().pause();
        let began = std::time::Instant::now();
        // The sessions of six seconds, and the broker's own, must be over: there is nothing else to be seen.
        until("the sessions are over", || began.elapsed() > std::time::Duration::from_secs(8));
        kafka.broker().resume();
    });
    rig.until_more(300);
    rig.finish(load, [first, second]);
    rig.note_losses_after_outages();
    rig.judge(&Expected::default());
}

#[test]
fn a_broker_that_is_halted_for_a_moment_costs_time_and_nothing_else() {
    let kafka = breakable();
    let rig = Rig::new(kafka.broker(), "broker-halted-shortly", 4);
    let load = Load::start(&rig, 200);
    let (first, second) = (rig.start(&[]), rig.start(&[("WORKER_RUNTIME", "current_thread")]));
    rig.until_shared(&[&first, &second]);
    rig.until_more(300);
    for _ in 0..3 {
        kafka.broker().pause();
        // Well within the sessions of six seconds.
        std::thread::sleep(std::time::Duration::from_millis(1500));
        kafka.broker().resume();
        rig.until_more(100);
    }
    rig.finish(load, [first, second]);
    let verdict = rig.judge(&Expected::default());
    assert_eq!((verdict.repeats, verdict.second_copies), (0, 0));
}
