//! What follows a failed delivery. One function; everything it looks at is an argument.

use std::time::Duration;

use super::in_place::InPlace;
use super::links::{End, Route};
use super::next::{Next, Reason};
use super::rules::Rules;
use crate::clock::Timestamp;
use crate::outcome::{Decision, Failure, FailureKind};
use crate::sabotage::{Rule, broken};

/// What has been tried, the failure that is decided about included. Both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tried {
    /// The number of the delivery, as its record says.
    pub attempt: u32,
    /// The tries in place within it.
    pub in_place: u32,
    /// The first timestamp of the record, where it has one and the rules ask for it.
    pub first: Option<Timestamp>,
}

/// Decides what follows a failure at `now`. `draw`, from 0.0 to 1.0, is the caller's random number for the jitter.
///
/// The delivery's number decides, not the topic in which the record was found: another version of the listener, with a
/// longer chain, may have written it. A number beyond the end of this chain is its last.
pub fn decide(rules: &Rules, tried: Tried, failure: &Failure, now: Timestamp, draw: f64) -> Next {
    let failed = Failed { rules, tried, failure, now, draw };
    match &failure.verdict.decision {
        Decision::Retry | Decision::RetryAfter(_) if failed.is_too_late() => failed.end(Reason::TimedOut, None),
        Decision::Retry => failed.again().unwrap_or_else(|| failed.move_on(None)),
        Decision::RetryAfter(delay) => {
            let delay = (*delay).min(rules.max_retry_after);
            // In its lane the record would hold up its successors for as long as somebody else says.
            let in_place = || failed.again().map(|_| Next::Again { at: now.after(delay) });
            let stays = rules.chain.step(tried.attempt.saturating_add(1)).is_none();
            let in_place = if stays { in_place() } else { None };
            in_place.unwrap_or_else(|| failed.move_on(Some(delay)))
        }
        Decision::DeadLetter if failure.kind == FailureKind::Rejection => {
            if broken(Rule::Rejection) {
                return failed.move_on(None);
            }
            failed.end(Reason::Rejected, None)
        }
        Decision::DeadLetter | Decision::DeadLetterTo(_) if broken(Rule::Fatal) => failed.move_on(None),
        Decision::DeadLetter | Decision::DeadLetterTo(_) => failed.end(Reason::Given, None),
        Decision::Discard(reason) => Next::Discard { reason: Reason::Said(reason.clone()) },
        Decision::Stop if broken(Rule::Stop) => failed.move_on(None),
        Decision::Stop => Next::Stop,
    }
}

/// A failure with all that its end depends on.
struct Failed<'a> {
    rules: &'a Rules,
    tried: Tried,
    failure: &'a Failure,
    now: Timestamp,
    draw: f64,
}

impl Failed<'_> {
    fn is_too_late(&self) -> bool {
        self.rules.is_over(self.tried.first, self.now) && !broken(Rule::Timeout)
    }

    /// The next try in place, if there is one.
    fn again(&self) -> Option<Next> {
        let Self { rules, tried, now, .. } = self;
        let next = tried.in_place.saturating_add(1);
        let helps = self.failure.verdict.in_place || broken(Rule::InPlace);
        (helps && tried.in_place < rules.in_place.attempts())
            .then(|| Next::Again { at: now.after(rules.in_place.delay_before(next)) })
    }

    /// The next delivery through topics, after `delay` instead of its own, or the end.
    fn move_on(&self, delay: Option<Duration>) -> Next {
        let Self { rules, tried, now, draw, .. } = *self;
        let attempt = tried.attempt.saturating_add(if broken(Rule::NextTier) { 2 } else { 1 });
        let Some(step) = rules.chain.step(attempt) else { return self.end(Reason::Exhausted, delay) };
        let delay = delay.unwrap_or_else(|| rules.chain.lengthen(step.delay, draw));
        let delay = if broken(Rule::Delay) { delay / 2 } else { delay };
        Next::Retry { attempt, topic: step.topic.clone(), due: now.after(delay) }
    }

    fn end(&self, reason: Reason, delay: Option<Duration>) -> Next {
        let Self { rules, tried, now, .. } = *self;
        match (rules.chain.end(), reason) {
            (End::Dlt(_), reason @ Reason::Exhausted) if broken(Rule::DeadLetter) => Next::Discard { reason },
            (End::Dlt(dlt), _) => {
                let topic = self.route().map_or(dlt, |route| &route.topic).clone();
                Next::DeadLetter { attempt: tried.attempt.saturating_add(1), topic }
            }
            (End::Discard, reason) => Next::Discard { reason },
            (End::TryAgain, Reason::Exhausted | Reason::TimedOut) => {
                // Counts the tries that were made although the attempts were used up.
                let patience = tried.in_place.saturating_sub(rules.in_place.attempts());
                let usual = || InPlace::PATIENT.delay_before(patience.saturating_add(2));
                Next::Again { at: now.after(delay.unwrap_or_else(usual)) }
            }
            (End::TryAgain | End::PassOver, reason) => Next::PassOver { reason },
        }
    }

    /// The way of its dead letter, if that is not the one of all.
    fn route(&self) -> Option<&Route> {
        let (chain, verdict) = (&self.rules.chain, &self.failure.verdict);
        let route = match &verdict.decision {
            Decision::DeadLetterTo(name) => chain.route(name),
            _ => chain.routes().get(verdict.route?),
        };
        route.filter(|_| !broken(Rule::Route))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::record::TopicName;
    use crate::retry::{Backoff, Chain, EndKind, Naming, Policy};

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn rules(attempts: u32, in_place: InPlace, end: EndKind) -> Rules {
        let backoff = Backoff::new(Duration::from_secs(1), 2.0, Some(Duration::from_secs(60)), 0.5).unwrap();
        let policy = Policy::new(attempts, backoff).unwrap();
        let source = TopicName::new("t").unwrap();
        Rules::new(Chain::new(source, &policy, &Naming::default(), end).unwrap(), in_place)
    }

    fn failure(kind: FailureKind) -> Failure {
        let decision = if kind == FailureKind::Rejection { Decision::DeadLetter } else { Decision::Retry };
        Failure { kind, verdict: decision.into(), ..Failure::of("boom".to_owned()) }
    }

    fn tried(attempt: u32, in_place: u32) -> Tried {
        Tried { attempt, in_place, first: None }
    }

    fn asked(rules: &Rules, attempt: u32, in_place: u32, decision: Decision) -> Next {
        decide(rules, tried(attempt, in_place), &Failure::asked(decision), NOW, 0.0)
    }

    fn next(rules: &Rules, attempt: u32, in_place: u32, kind: FailureKind) -> Next {
        decide(rules, tried(attempt, in_place), &failure(kind), NOW, 0.0)
    }

    fn failed(rules: &Rules, attempt: u32, in_place: u32) -> Next {
        next(rules, attempt, in_place, FailureKind::Error)
    }

    fn in_millis(millis: i64) -> Timestamp {
        Timestamp::from_millis(NOW.as_millis() + millis)
    }

    fn retry(attempt: u32, topic: &str, millis: i64) -> Next {
        Next::Retry { attempt, topic: TopicName::new(topic).unwrap(), due: in_millis(millis) }
    }

    fn dead(attempt: u32) -> Next {
        Next::DeadLetter { attempt, topic: TopicName::new("t-dlt").unwrap() }
    }

    #[test]
    fn a_failing_record_goes_from_delay_to_delay_to_the_dlt() {
        let rules = rules(3, InPlace::NONE, EndKind::Dlt);
        assert_eq!(failed(&rules, 1, 1), retry(2, "t-retry-1000", 1000));
        assert_eq!(failed(&rules, 2, 1), retry(3, "t-retry-2000", 2000));
        assert_eq!(failed(&rules, 3, 1), dead(4));
        assert_eq!(next(&rules, 1, 1, FailureKind::Panic), retry(2, "t-retry-1000", 1000), "a panic is a failure");
    }

    #[test]
    fn an_attempt_beyond_the_chain_is_its_last() {
        let rules = rules(3, InPlace::NONE, EndKind::Dlt);
        assert_eq!(failed(&rules, 7, 1), dead(8));
        assert_eq!(failed(&rules, u32::MAX, 1), dead(u32::MAX));
    }

    #[test]
    fn tries_in_place_come_first_in_each_delivery() {
        let in_place = InPlace::new(3, Duration::from_millis(100), 2.0, None).unwrap();
        let rules = rules(2, in_place, EndKind::Dlt);
        for (attempt, after) in [(1, retry(2, "t-retry", 1000)), (2, dead(3))] {
            assert_eq!(failed(&rules, attempt, 1), Next::Again { at: in_millis(100) });
            assert_eq!(failed(&rules, attempt, 2), Next::Again { at: in_millis(200) });
            assert_eq!(failed(&rules, attempt, 3), after);
        }
    }

    #[test]
    fn a_rejection_is_tried_no_more() {
        let rejected = |end, attempt| next(&rules(5, InPlace::DEFAULT, end), attempt, 1, FailureKind::Rejection);
        assert_eq!(rejected(EndKind::Dlt, 1), dead(2));
        assert_eq!(rejected(EndKind::Dlt, 3), dead(4));
        assert_eq!(rejected(EndKind::Discard, 1), Next::Discard { reason: Reason::Rejected });
        assert_eq!(rejected(EndKind::TryAgain, 1), Next::PassOver { reason: Reason::Rejected });
    }

    #[test]
    fn retry_after_has_a_due_time_of_its_own_in_the_next_retry_topic() {
        let after = |attempt, seconds| {
            asked(
                &rules(3, InPlace::DEFAULT, EndKind::Dlt),
                attempt,
                1,
                Decision::RetryAfter(Duration::from_secs(seconds)),
            )
        };
        assert_eq!(after(1, 90), retry(2, "t-retry-1000", 90_000), "it does not wait in its lane while it can move on");
        assert_eq!(after(2, 0), retry(3, "t-retry-2000", 0), "sooner, too");
        assert_eq!(after(1, 7200), retry(2, "t-retry-1000", 3_600_000), "cut");
        assert_eq!(
            after(3, 90),
            Next::Again { at: in_millis(90_000) },
            "in the last topic there are tries in place yet"
        );
        let last = asked(&rules(3, InPlace::DEFAULT, EndKind::Dlt), 3, 10, Decision::RetryAfter(Duration::ZERO));
        assert_eq!(last, dead(4), "it is an attempt like another");
    }

    #[test]
    fn retry_after_waits_in_the_lane_where_there_is_no_retry_topic() {
        let delay = Decision::RetryAfter(Duration::from_secs(5));
        let in_place = rules(1, InPlace::DEFAULT, EndKind::Dlt);
        assert_eq!(asked(&in_place, 1, 9, delay.clone()), Next::Again { at: in_millis(5000) });
        assert_eq!(asked(&in_place, 1, 10, delay.clone()), dead(2));
        let endless = rules(1, InPlace::NONE, EndKind::TryAgain);
        assert_eq!(asked(&endless, 1, 40, delay), Next::Again { at: in_millis(5000) });
    }

    #[test]
    fn other_decisions_end_it_at_once_whatever_is_left() {
        let at = |end, decision| asked(&rules(5, InPlace::DEFAULT, end), 1, 1, decision);
        assert_eq!(at(EndKind::Dlt, Decision::DeadLetter), dead(2));
        assert_eq!(at(EndKind::Discard, Decision::DeadLetter), Next::Discard { reason: Reason::Given });
        assert_eq!(at(EndKind::TryAgain, Decision::DeadLetter), Next::PassOver { reason: Reason::Given });
        for end in [EndKind::Dlt, EndKind::Discard, EndKind::TryAgain] {
            let reason = Reason::Said("spam".into());
            assert_eq!(at(end, Decision::Discard("spam".into())), Next::Discard { reason });
            assert_eq!(at(end, Decision::Stop), Next::Stop);
        }
    }

    #[test]
    fn without_a_dlt_the_end_is_told_with_its_reason() {
        let rules = rules(2, InPlace::NONE, EndKind::Discard);
        assert_eq!(failed(&rules, 1, 1), retry(2, "t-retry", 1000));
        assert_eq!(failed(&rules, 2, 1), Next::Discard { reason: Reason::Exhausted });
    }

    #[test]
    fn where_there_is_nowhere_to_go_it_is_tried_ever_more_slowly() {
        let rules = rules(1, InPlace::new(2, Duration::ZERO, 1.0, None).unwrap(), EndKind::TryAgain);
        let waits = (1..=10).map(|in_place| match failed(&rules, 6, in_place) {
            Next::Again { at } => at.since(NOW).as_secs(),
            other => panic!("{other:?}"),
        });
        let waits: Vec<_> = waits.collect();
        assert_eq!(waits, [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }

    proptest! {
        #[test]
        fn a_failing_record_is_tried_exactly_so_often(attempts in 1u32..40, in_place in 1u32..5, draw in 0.0f64..=1.0) {
            let rules = rules(attempts, InPlace::new(in_place, Duration::ZERO, 1.0, None).unwrap(), EndKind::Dlt);
            let mut tried = tried(1, 1);
            let mut tries = 1;
            let last = loop {
                match decide(&rules, tried, &failure(FailureKind::Error), NOW, draw) {
                    Next::Again { .. } => tried.in_place += 1,
                    Next::Retry { attempt, .. } => tried = self::tried(attempt, 1),
                    end => break end,
                }
                tries += 1;
            };
            prop_assert_eq!(tries, attempts * in_place);
            prop_assert_eq!(last, dead(attempts + 1));
        }

        #[test]
        fn a_retry_is_never_due_before_its_delay(attempt in 1u32..20, draw: f64) {
            let rules = rules(21, InPlace::NONE, EndKind::Dlt);
            let next = decide(&rules, tried(attempt, 1), &failure(FailureKind::Error), NOW, draw);
            let Next::Retry { due, .. } = next else { panic!("{next:?}") };
            let delay = rules.chain.step(attempt + 1).unwrap().delay;
            prop_assert!(due >= NOW.after(delay) && due <= NOW.after(delay * 3 / 2), "{due} after {delay:?}");
            prop_assert!(due <= NOW.after(rules.chain.longest_wait()));
        }
    }
}
