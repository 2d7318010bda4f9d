//! What a handler of batches may return, and what came of each record.

use std::error::Error;

use super::{Failure, HandlerReturn, Outcome, Verdict};
use crate::sabotage::{Rule, broken};

/// What came of a batch.
#[derive(Debug)]
#[doc(hidden)]
pub enum BatchOutcome {
    /// The same of every record.
    All(Outcome),
    /// Of each record that the handler was given, in their order.
    Each(Vec<Outcome>),
}

impl From<Outcome> for BatchOutcome {
    fn from(outcome: Outcome) -> Self {
        Self::All(outcome)
    }
}

impl BatchOutcome {
    /// One outcome for each of so many records. A handler that speaks of more or fewer has failed with all.
    pub(crate) fn of(self, records: usize) -> Vec<Outcome> {
        match self {
            Self::All(outcome) => vec![outcome; records],
            Self::Each(mut outcomes) if broken(Rule::EachOfBatch) => {
                outcomes.truncate(1);
                vec![outcomes.pop().unwrap_or(Outcome::Done); records]
            }
            Self::Each(outcomes) if outcomes.len() == records => outcomes,
            Self::Each(outcomes) => {
                vec![Outcome::Failed(Box::new(Failure::wrong_count(outcomes.len(), records))); records]
            }
        }
    }
}

/// What a handler of batches may return: `()`, `Result<(), E>`, an error failing every record, or `Vec<Result<(), E>>`, which
/// says it of each record in their order.
#[diagnostic::on_unimplemented(
    message = "a handler of batches cannot return `{Self}`",
    label = "not an outcome of a batch",
    note = "it returns `()`, `Result<(), E>`, an error failing every record, or `Vec<Result<(), E>>`, one for each record in their order"
)]
#[doc(hidden)]
pub trait BatchReturn: sealed::Sealed {
    fn into_outcome(self) -> BatchOutcome;
}

/// What a handler of batches whose errors are judged, by patterns or by `classify`, may return.
#[diagnostic::on_unimplemented(
    message = "the attribute judges the errors of a handler, and `{Self}` has none",
    label = "no error to judge",
    note = "with `classify`, `retry_on`, `fatal` or the pattern of a `dlt_route` a handler of batches returns `Result<(), E>` or `Vec<Result<(), E>>`"
)]
#[doc(hidden)]
pub trait FallibleBatch: BatchReturn {
    /// What is judged.
    type Error;

    /// The outcome, an error's being what `judge` says.
    fn judged(self, judge: impl Fn(&Self::Error) -> Verdict) -> BatchOutcome;
}

#[diagnostic::do_not_recommend]
impl BatchReturn for () {
    fn into_outcome(self) -> BatchOutcome {
        Outcome::Done.into()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> BatchReturn for Result<(), E> {
    fn into_outcome(self) -> BatchOutcome {
        HandlerReturn::into_outcome(self).into()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> BatchReturn for Vec<Result<(), E>> {
    fn into_outcome(self) -> BatchOutcome {
        BatchOutcome::Each(self.into_iter().map(HandlerReturn::into_outcome).collect())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> FallibleBatch for Result<(), E> {
    type Error = E;

    fn judged(self, judge: impl Fn(&E) -> Verdict) -> BatchOutcome {
        super::Fallible::judged(self, judge).into()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<Box<dyn Error + Send + Sync>>> FallibleBatch for Vec<Result<(), E>> {
    type Error = E;

    fn judged(self, judge: impl Fn(&E) -> Verdict) -> BatchOutcome {
        BatchOutcome::Each(self.into_iter().map(|result| super::Fallible::judged(result, &judge)).collect())
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for () {}
    impl<E> Sealed for Result<(), E> {}
    impl<E> Sealed for Vec<Result<(), E>> {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Decision;

    fn told(outcomes: Vec<Outcome>) -> Vec<String> {
        let told = |outcome| match outcome {
            Outcome::Done | Outcome::Replied(_) => "done".to_owned(),
            Outcome::Failed(failure) => failure.message,
        };
        outcomes.into_iter().map(told).collect()
    }

    fn end(returned: impl BatchReturn, records: usize) -> Vec<String> {
        told(returned.into_outcome().of(records))
    }

    #[test]
    fn one_result_is_that_of_every_record() {
        assert_eq!(end((), 2), ["done", "done"]);
        assert_eq!(end(Ok::<_, String>(()), 2), ["done", "done"]);
        assert_eq!(end(Err::<(), _>("no"), 2), ["no", "no"]);
    }

    #[test]
    fn results_are_those_of_the_records_in_their_order() {
        let results = || vec![Ok(()), Err("no"), Ok(())];
        assert_eq!(end(results(), 3), ["done", "no", "done"]);
        let spam = |error: &&str| Decision::Discard(format!("{error}: spam").into()).into();
        let judged = results().judged(spam).of(3);
        assert!(matches!(&judged[1], Outcome::Failed(failure) if failure.verdict == spam(&"no")));
    }

    #[test]
    fn too_few_or_too_many_results_fail_all() {
        for (records, message) in [
            (1, "the handler returned 2 results for 1 records: "),
            (3, "the handler returned 2 results for 3 records: "),
        ] {
            let outcomes = end(vec![Ok::<_, String>(()), Ok(())], records);
            assert_eq!(outcomes.len(), records);
            assert!(outcomes.iter().all(|told| told.starts_with(message)), "{outcomes:?}");
        }
    }
}
