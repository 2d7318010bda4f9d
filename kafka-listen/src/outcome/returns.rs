//! What a handler may return.

use std::error::Error;

use serde::Serialize;

use super::reply::{Reply, replied};
use super::{Failure, Outcome, Verdict};

/// What a handler may return: `()`, [`Outcome`], [`Reply<T>`](Reply), an `Option` or a `Vec` of replies, or a `Result` of one of them and an error `E`. `E` is any error type,
/// `anyhow::Error` and `String` included (all that turns into `Box<dyn Error + Send + Sync>`).
#[diagnostic::on_unimplemented(
    message = "a Kafka handler cannot return `{Self}`",
    label = "not an outcome",
    note = "a handler returns `()`, `Outcome`, `Reply<T>`, or a `Result` of one of them and `E`, where `E` is an error, `anyhow::Error`, `String` or `Box<dyn Error + Send + Sync>`"
)]
pub trait HandlerReturn: sealed::Sealed {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome;
}

/// What a handler whose errors are judged, by patterns or by `classify`, may return.
#[diagnostic::on_unimplemented(
    message = "the attribute judges the errors of a handler, and `{Self}` has none",
    label = "no error to judge",
    note = "with `classify`, `retry_on`, `fatal` or the pattern of a `dlt_route` a handler returns `Result<(), E>` or `Result<Outcome, E>`; one that decides by itself returns `Outcome`, without them"
)]
#[doc(hidden)]
pub trait Fallible: HandlerReturn {
    /// What is judged.
    type Error;

    /// The outcome, an error's being what `judge` says.
    fn judged(self, judge: impl FnOnce(&Self::Error) -> Verdict) -> Outcome;
}

#[diagnostic::do_not_recommend]
impl HandlerReturn for () {
    fn into_outcome(self) -> Outcome {
        Outcome::Done
    }
}

#[diagnostic::do_not_recommend]
impl HandlerReturn for Outcome {
    fn into_outcome(self) -> Outcome {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> HandlerReturn for Reply<T> {
    fn into_outcome(self) -> Outcome {
        replied([self])
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> HandlerReturn for Option<Reply<T>> {
    fn into_outcome(self) -> Outcome {
        replied(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> HandlerReturn for Vec<Reply<T>> {
    fn into_outcome(self) -> Outcome {
        replied(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: sealed::Ended, E: Into<Box<dyn Error + Send + Sync>>> HandlerReturn for Result<T, E> {
    fn into_outcome(self) -> Outcome {
        match self {
            Ok(ended) => ended.into_outcome(),
            Err(error) => Outcome::Failed(Box::new(Failure::of(error))),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<T: sealed::Ended, E: Into<Box<dyn Error + Send + Sync>>> Fallible for Result<T, E> {
    type Error = E;

    fn judged(self, judge: impl FnOnce(&E) -> Verdict) -> Outcome {
        match self {
            Ok(ended) => ended.into_outcome(),
            Err(error) => {
                let verdict = judge(&error);
                Outcome::Failed(Box::new(Failure { verdict, ..Failure::of(error) }))
            }
        }
    }
}

mod sealed {
    use serde::Serialize;

    use super::{HandlerReturn, Outcome, Reply};

    pub trait Sealed {}
    impl Sealed for () {}
    impl Sealed for Outcome {}
    impl<T> Sealed for Reply<T> {}
    impl<T> Sealed for Option<Reply<T>> {}
    impl<T> Sealed for Vec<Reply<T>> {}
    impl<T, E> Sealed for Result<T, E> {}

    /// What stands in an `Ok`.
    pub trait Ended: HandlerReturn {}
    impl Ended for () {}
    impl Ended for Outcome {}
    impl<T: Serialize> Ended for Reply<T> {}
    impl<T: Serialize> Ended for Option<Reply<T>> {}
    impl<T: Serialize> Ended for Vec<Reply<T>> {}
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::outcome::Decision;
    use crate::record::Body;

    fn failure(outcome: Outcome) -> Failure {
        match outcome {
            Outcome::Failed(failure) => *failure,
            Outcome::Done | Outcome::Replied(_) => panic!("it failed"),
        }
    }

    #[test]
    fn a_decision_may_stand_alone_or_in_a_result() {
        let later = || Outcome::from(Decision::RetryAfter(Duration::from_secs(90)));
        for outcome in [later().into_outcome(), Ok::<_, String>(later()).into_outcome()] {
            let failure = failure(outcome);
            assert_eq!(failure.verdict.decision, Decision::RetryAfter(Duration::from_secs(90)));
            assert_eq!(failure.message, "the handler asked for another delivery after 1m 30s");
        }
        assert_eq!(Ok::<_, String>(Outcome::Done).into_outcome(), Outcome::Done);
        assert_eq!(failure(Err::<Outcome, _>("no").into_outcome()).verdict.decision, Decision::Retry);
    }

    #[test]
    fn an_error_is_judged_and_told_as_it_is() {
        let spam = |error: &String| Decision::Discard(format!("{error} is spam").into()).into();
        let failure = failure(Err::<(), _>("mail".to_owned()).judged(spam));
        assert_eq!((failure.verdict.decision, &*failure.message), (Decision::Discard("mail is spam".into()), "mail"));
        assert_eq!(Ok::<(), String>(()).judged(spam), Outcome::Done);
        let later = Ok::<_, String>(Outcome::from(Decision::Stop)).judged(spam);
        assert_eq!(later, Decision::Stop.into(), "what the handler decides by itself is no error");
    }

    #[test]
    fn what_is_sent_on_is_json_with_the_key_and_headers_that_it_was_given() {
        let reply = |value| Reply::to("out", value).key("k").header("h", "v");
        let Outcome::Replied(records) = Ok::<_, String>(vec![reply(1), reply(2)]).into_outcome() else {
            panic!("there are two");
        };
        let values: Vec<_> = records.iter().map(|record| record.body.value()).collect();
        assert_eq!(values, [Some(&b"1"[..]), Some(b"2")]);
        assert_eq!((&*records[0].topic, records[0].body.key()), ("out", Some(&b"k"[..])));
        assert_eq!(records[0].body.headers().get("h"), Some(&b"v"[..]));
        assert_eq!(None::<Reply<()>>.into_outcome(), Outcome::Done);
        assert_eq!(Vec::<Reply<()>>::new().into_outcome(), Outcome::Done);
    }

    #[test]
    fn a_reply_that_cannot_be_is_a_failure() {
        let no_name = failure(Reply::to("o ut", 1).into_outcome());
        assert!(no_name.message.starts_with("the reply to `o ut` cannot be written: "), "{}", no_name.message);
        let no_json = std::collections::HashMap::from([((1, 2), 3)]);
        let no_json = failure(Some(Reply::to("out", no_json)).into_outcome());
        assert_eq!(no_json.cause, Some("serde_json::error::Error"));
    }
}
