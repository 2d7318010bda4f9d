//! The simulation as a test: seeds by the thousand, and that a seed is always the same run.

use kafka_listen_tests::simulation::{Controls, Report, Run};

#[test]
fn every_promise_is_kept_whatever_a_seed_decides() {
    let report = Report::of(0..2_000);
    println!("{report}");
    let first = report.bad.values().next();
    assert!(first.is_none(), "{}", first.map_or("", String::as_str));
}

#[test]
fn a_seed_has_the_same_history_again_byte_for_byte() {
    for seed in 0..60 {
        let (first, second) = (Run::of(seed).history(), Run::of(seed).history());
        assert!(first.lines().count() > 5, "something happens: {first}");
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn each_rule_that_is_broken_on_purpose_is_noticed() {
    let controls = Controls::of(0..2_000);
    println!("{controls}");
    assert!(controls.are_caught(), "{controls}");
}
