//! Members that are halted, restarted one after the other, and of several versions.

use kafka_listen_tests::history::Step;
use kafka_listen_tests::history::check::Expected;

use crate::rig::{Load, Rig, shared, until};

#[test]
fn a_process_that_is_halted_beyond_its_session_and_goes_on_changes_nothing_late() {
    let rig = Rig::new(shared(), "halted", 4);
    let load = Load::start(&rig, 200);
    let (first, second) = (rig.start(&[]), rig.start(&[("WORKER_RUNTIME", "current_thread")]));
    let given = |step: &Step| matches!(step, Step::Assigned(partition, _) if partition.starts_with("halted/"));
    rig.until_shared(&[&first, &second]);
    rig.until_more(300);
    first.halted(&second, || {
        let before = second.count(given);
        until("the other has its partitions", || second.count(given) >= before + 2);
        rig.until_more(300);
    });
    rig.until_more(300);
    rig.finish(load, [first, second]);
    rig.judge(&Expected::default());
}

#[test]
fn three_members_that_are_restarted_one_after_the_other_repeat_nothing() {
    let rig = Rig::new(shared(), "rolling", 6);
    let load = Load::start(&rig, 300);
    let mut members: Vec<_> = (0..3).map(|_| rig.start(&[])).collect();
    rig.until_more(500);
    for round in 0..6 {
        members.remove(0).stop();
        let runtime = if round % 2 == 0 { "current_thread" } else { "multi_thread" };
        let next = rig.start(&[("WORKER_RUNTIME", runtime)]);
        until("it has partitions", || next.count(|step| matches!(step, Step::Assigned(..))) > 0);
        members.push(next);
        rig.until_more(200);
    }
    let numbers = load.stop();
    rig.until_over(numbers);
    members.into_iter().for_each(|member| member.stop());
    // On a machine that is too busy a rebalance may overtake a commit; nothing else repeats anything.
    rig.note_refused_commits();
    rig.judge(&Expected::default());
}

#[test]
fn versions_with_a_longer_and_a_shorter_chain_side_by_side_and_back_lose_and_strand_nothing() {
    let rig = Rig::new(shared(), "versions", 4);
    let load = Load::start(&rig, 200);
    let mut members: Vec<_> = (0..2).map(|_| rig.start(&[])).collect();
    rig.until_more(300);
    for version in ["shorter", "shorter", "work", "work"] {
        members.remove(0).stop();
        members.push(rig.start(&[("WORKER_VERSION", version)]));
        rig.until_more(400);
    }
    let numbers = load.stop();
    rig.until_over(numbers);
    members.into_iter().for_each(|member| member.stop());
    rig.note_refused_commits();
    rig.judge(&Expected { attempts: (3, 4), ..Expected::default() });
}

#[test]
fn versions_with_other_suffixes_and_delays_side_by_side_lose_and_strand_nothing() {
    let rig = Rig::new(shared(), "suffixes", 4);
    let load = Load::start(&rig, 200);
    let (old, new) = (rig.start(&[]), rig.start(&[("WORKER_VERSION", "other")]));
    let another = rig.start(&[("WORKER_VERSION", "other"), ("WORKER_RUNTIME", "current_thread")]);
    rig.until_more(1500);
    // One of the new version goes, and back comes one of the old.
    another.stop();
    let back = rig.start(&[]);
    rig.until_more(500);
    let numbers = load.stop();
    rig.until_over(numbers);
    [old, new, back].into_iter().for_each(|member| member.stop());
    rig.note_refused_commits();
    rig.judge(&Expected::default());
}
