//! Answers that are lost or late: acknowledgements of copies and of commits, and deaths while they are under way.

use kafka_listen_tests::history::check::Expected;
use kafka_listen_tests::proxy::{Api, Rule};

use crate::rig::{Load, Rig, STATIC, breakable, until};

#[test]
fn acknowledgements_that_are_lost_cost_at_most_a_second_copy_and_lose_nothing() {
    let kafka = breakable();
    let mut rig = Rig::new(kafka.broker(), "unanswered", 3);
    rig.through = kafka.through_proxy();
    let load = Load::start(&rig, 200);
    let worker = rig.start(&[]);
    rig.until_more(300);
    for api in [Api::Produce, Api::OffsetCommit, Api::Produce, Api::OffsetCommit] {
        let before = kafka.proxy().lost();
        kafka.proxy().set(api, Rule::LoseAnswers(3));
        until("three answers are lost", || kafka.proxy().lost() == before + 3);
        rig.until_more(300);
    }
    kafka.proxy().heal();
    rig.finish(load, [worker]);
    let verdict = rig.judge(&Expected::default());
    assert_eq!((verdict.repeats, verdict.second_copies), (0, 0), "the client writes idempotently");
}

#[test]
fn a_kill_between_the_write_of_a_copy_and_its_acknowledgement_loses_nothing() {
    let kafka = breakable();
    let mut rig = Rig::new(kafka.broker(), "unacknowledged", 3).set(STATIC.0, STATIC.1);
    rig.through = kafka.through_proxy();
    let load = Load::start(&rig, 200);
    for _ in 0..3 {
        let worker = rig.start(&[]);
        rig.until_more(200);
        let (held, copies) = (kafka.proxy().held(), rig.copies());
        kafka.proxy().set(Api::Produce, Rule::HoldAnswers);
        until("copies are written, and nobody knows", || kafka.proxy().held() > held && rig.copies() > copies);
        worker.kill();
        kafka.proxy().heal();
    }
    let worker = rig.start(&[]);
    rig.finish(load, [worker]);
    // Acknowledgements were kept back for as long as it took.
    let verdict = rig.judge(&Expected { uncommitted: u64::MAX, ..Expected::default() });
    assert!(verdict.second_copies > 0, "what was written was written again: {verdict}");
}

#[test]
fn a_kill_between_the_acknowledgement_of_a_copy_and_the_commit_loses_nothing() {
    let kafka = breakable();
    let mut rig = Rig::new(kafka.broker(), "uncommitted", 3).set(STATIC.0, STATIC.1);
    rig.through = kafka.through_proxy();
    let load = Load::start(&rig, 200);
    for (round, rule) in [Rule::HoldRequests, Rule::HoldAnswers, Rule::HoldRequests].into_iter().enumerate() {
        let worker = rig.start(&[]);
        rig.until_more(200);
        let held = kafka.proxy().held();
        kafka.proxy().set(Api::OffsetCommit, rule);
        until("commits are held back", || kafka.proxy().held() > held);
        rig.until_more(100 * round);
        worker.kill();
        kafka.proxy().heal();
    }
    let worker = rig.start(&[]);
    rig.finish(load, [worker]);
    // Commits were kept back for as long as it took.
    let verdict = rig.judge(&Expected { uncommitted: u64::MAX, ..Expected::default() });
    assert!(verdict.repeats > 0, "what was not committed came again: {verdict}");
}

#[test]
fn connections_that_are_cut_again_and_again_cost_time_and_nothing_else() {
    let kafka = breakable();
    let mut rig = Rig::new(kafka.broker(), "cut", 3);
    rig.through = kafka.through_proxy();
    let load = Load::start(&rig, 200);
    let (first, second) = (rig.start(&[]), rig.start(&[("WORKER_RUNTIME", "current_thread")]));
    rig.until_shared(&[&first, &second]);
    rig.until_more(300);
    for more in [20, 150, 70, 40, 200, 10, 90, 30, 120, 60] {
        kafka.proxy().cut();
        rig.until_more(more);
    }
    rig.finish(load, [first, second]);
    let verdict = rig.judge(&Expected::default());
    assert_eq!((verdict.repeats, verdict.second_copies), (0, 0));
}
