//! What follows a failure where the attribute says more than how often it is tried: which errors, for how long, and on which
//! way to the dead letters.

use std::time::Duration;

use super::{Backoff, Chain, EndKind, InPlace, Naming, Next, Policy, Rules, Tried, decide};
use crate::clock::Timestamp;
use crate::outcome::{Decision, Failure, Verdict};
use crate::record::TopicName;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn rules(attempts: u32, in_place: InPlace, end: EndKind) -> Rules {
    let backoff = Backoff::new(Duration::from_secs(1), 2.0, None, 0.0).unwrap();
    let policy = Policy::new(attempts, backoff).unwrap();
    let naming = Naming { dlt_routes: vec!["validation".to_owned(), "_fraud".to_owned()], ..Naming::default() };
    Rules::new(Chain::new(TopicName::new("t").unwrap(), &policy, &naming, end).unwrap(), in_place)
}

fn next(rules: &Rules, attempt: u32, in_place: u32, verdict: Verdict) -> Next {
    let failure = Failure { verdict, ..Failure::of("boom".to_owned()) };
    decide(rules, Tried { attempt, in_place, first: None }, &failure, NOW, 0.0)
}

fn dead(attempt: u32, topic: &str) -> Next {
    Next::DeadLetter { attempt, topic: TopicName::new(topic).unwrap() }
}

#[test]
fn a_dead_letter_takes_its_route_whatever_made_it_one() {
    let rules = rules(2, InPlace::NONE, EndKind::Dlt);
    for (route, topic) in [(None, "t-dlt"), (Some(0), "t-validation-dlt"), (Some(1), "t_fraud-dlt"), (Some(2), "t-dlt")]
    {
        let verdict = |decision| Verdict { route, ..Verdict::from(decision) };
        let retried = next(&rules, 1, 1, verdict(Decision::Retry));
        assert!(matches!(retried, Next::Retry { .. }), "a route says where to, not when: {retried:?}");
        assert_eq!(next(&rules, 2, 1, verdict(Decision::Retry)), dead(3, topic), "exhausted");
        assert_eq!(next(&rules, 1, 1, verdict(Decision::DeadLetter)), dead(2, topic), "fatal");
    }
}

#[test]
fn a_route_that_is_asked_for_by_name_is_taken_at_once_and_an_unknown_one_is_the_dlt() {
    let rules = rules(5, InPlace::DEFAULT, EndKind::Dlt);
    let to = |name: &'static str| {
        next(&rules, 1, 1, Verdict { route: Some(0), ..Verdict::from(Decision::DeadLetterTo(name.into())) })
    };
    assert_eq!(to("_fraud"), dead(2, "t_fraud-dlt"));
    assert_eq!(to("fraud"), dead(2, "t-dlt"), "never lost");
    let without =
        |end| next(&self::rules(5, InPlace::DEFAULT, end), 1, 1, Decision::DeadLetterTo("_fraud".into()).into());
    assert!(matches!(without(EndKind::Discard), Next::Discard { .. }));
    assert!(matches!(without(EndKind::TryAgain), Next::PassOver { .. }));
}

#[test]
fn what_is_not_worth_a_try_in_place_moves_on_at_once() {
    let moves_on = Verdict { in_place: false, ..Verdict::RETRY };
    let both = rules(2, InPlace::DEFAULT, EndKind::Dlt);
    assert!(matches!(next(&both, 1, 1, Verdict::RETRY), Next::Again { .. }));
    assert!(matches!(next(&both, 1, 1, moves_on.clone()), Next::Retry { attempt: 2, .. }));
    assert_eq!(next(&both, 2, 1, moves_on.clone()), dead(3, "t-dlt"));
    assert_eq!(next(&rules(1, InPlace::DEFAULT, EndKind::Dlt), 1, 1, moves_on.clone()), dead(2, "t-dlt"));
    let later = Verdict { decision: Decision::RetryAfter(Duration::from_secs(5)), ..moves_on };
    assert_eq!(next(&both, 2, 1, later), dead(3, "t-dlt"), "nor by a wait of its own");
}

#[test]
fn once_its_time_is_over_a_record_is_tried_no_more() {
    let mut rules = rules(5, InPlace::DEFAULT, EndKind::Dlt);
    rules.timeout = Some(Duration::from_secs(10));
    let after = |rules: &Rules, millis, decision: Decision| {
        let first = Some(NOW.before(Duration::from_millis(millis)));
        decide(rules, Tried { attempt: 2, in_place: 1, first }, &Failure::asked(decision), NOW, 0.0)
    };
    let later = || Decision::RetryAfter(Duration::from_secs(60));
    assert!(matches!(after(&rules, 9_999, Decision::Retry), Next::Again { .. }));
    assert!(matches!(after(&rules, 9_999, later()), Next::Retry { .. }), "it may still wait for longer than is left");
    for decision in [Decision::Retry, later(), Decision::DeadLetter] {
        assert_eq!(after(&rules, 10_000, decision), dead(3, "t-dlt"), "neither in place nor through a topic");
    }
    assert_eq!(after(&rules, 10_000, Decision::DeadLetterTo("validation".into())), dead(3, "t-validation-dlt"));
    assert_eq!(after(&rules, 10_000, Decision::Stop), Next::Stop);
    let unknown = Tried { attempt: 2, in_place: 10, first: None };
    let next = decide(&rules, unknown, &Failure::asked(Decision::Retry), NOW, 0.0);
    assert!(matches!(next, Next::Retry { .. }), "of a record without a timestamp nobody can say");
    rules.timeout = None;
    assert!(matches!(after(&rules, u64::MAX / 2, Decision::Retry), Next::Again { .. }));
}

#[test]
fn without_a_dlt_the_end_of_its_time_is_told_and_a_dead_letter_waits() {
    let over = |end| {
        let rules = Rules { timeout: Some(Duration::ZERO), ..rules(5, InPlace::NONE, end) };
        let first = Some(NOW);
        decide(&rules, Tried { attempt: 1, in_place: 1, first }, &Failure::asked(Decision::Retry), NOW, 0.0)
    };
    let Next::Discard { reason } = over(EndKind::Discard) else { panic!("it is discarded") };
    assert_eq!(reason.to_string(), "its `timeout` has passed");
    assert_eq!(over(EndKind::TryAgain), Next::Again { at: NOW.after(Duration::from_secs(1)) });
}

#[test]
fn a_dead_letter_that_is_asked_about_once_stays_where_it_is() {
    let rules = rules(1, InPlace::NONE, EndKind::PassOver);
    for decision in [Decision::Retry, Decision::RetryAfter(Duration::ZERO), Decision::DeadLetter] {
        assert!(matches!(next(&rules, 6, 1, decision.into()), Next::PassOver { .. }));
    }
    assert_eq!(next(&rules, 6, 1, Decision::Stop.into()), Next::Stop);
}
