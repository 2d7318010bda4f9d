//! Several records on their way to one handler: what a handler of batches is built from.

use std::sync::{Mutex, PoisonError};

use super::{Cancel, Delivery, FromDelivery, Needs, Rejection, State};
use crate::outcome::{BatchOutcome, Failure, Outcome, catch};
use crate::producer::Producer;

/// Records handed to one handler together.
#[derive(Debug)]
#[doc(hidden)]
pub struct Batch<'d> {
    deliveries: &'d [Delivery<'d>],
    /// The records that could not be read, by their places, and why.
    unread: Mutex<Vec<(usize, Box<Failure>)>>,
}

/// What stands beside the records of a batch: it is of none of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand beside the records of a batch",
    label = "belongs to a single record, or is no extractor",
    note = "beside its `Vec` a handler of batches takes `State<T>`, `Producer` and `Cancel`",
    note = "what is of each record is read in the `Vec`, for instance `Vec<(Key<&str>, Json<Mail>)>`"
)]
#[doc(hidden)]
pub trait Beside<'d>: FromDelivery<'d> {
    /// Builds the value.
    ///
    /// # Errors
    /// The application does not have it.
    fn from_batch(batch: &'d Batch<'d>) -> Result<Self, Rejection> {
        // Whichever: it reads nothing of the record.
        let first = batch.deliveries.first().ok_or_else(|| Rejection::missing("the batch has no record"))?;
        Self::from_delivery(first)
    }

    /// What it needs of the application.
    fn needs(needs: &mut Needs) {
        <Self as FromDelivery<'d>>::needs(needs);
    }
}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> Beside<'_> for State<T> {}

#[diagnostic::do_not_recommend]
impl<T: Clone + Send + Sync + 'static> Beside<'_> for Option<State<T>> {}

#[diagnostic::do_not_recommend]
impl Beside<'_> for Producer {}

#[diagnostic::do_not_recommend]
impl Beside<'_> for Cancel {}

impl<'d> Batch<'d> {
    /// A batch of at least one record.
    #[doc(hidden)]
    pub fn new(deliveries: &'d [Delivery<'d>]) -> Self {
        Self { deliveries, unread: Mutex::default() }
    }

    /// Reads each record. What cannot be read, or panics, ends by itself; `parameter` is who asked for it.
    ///
    /// # Errors
    /// None of them can be read, so that there is nothing to handle.
    pub fn read<E>(
        &'d self,
        parameter: &'static str,
        from_delivery: impl Fn(&'d Delivery<'d>) -> Result<E, Rejection>,
    ) -> Result<Vec<E>, Outcome> {
        let mut read = Vec::with_capacity(self.deliveries.len());
        let mut unread = Vec::new();
        let mut left = self.deliveries.iter();
        loop {
            let caught = catch(|| {
                for delivery in left.by_ref() {
                    match from_delivery(delivery) {
                        Ok(item) => read.push(item),
                        Err(rejection) => {
                            unread.push((read.len() + unread.len(), Box::new(rejection.into_failure(parameter))));
                        }
                    }
                }
            });
            // The record that panicked is in neither of the two yet.
            let Err(panic) = caught else { break };
            unread.push((read.len() + unread.len(), panic));
        }
        let is_empty = read.is_empty();
        *self.unread.lock().unwrap_or_else(PoisonError::into_inner) = unread;
        if is_empty { Err(Outcome::Done) } else { Ok(read) }
    }

    /// What came of each record, after what came of those that were read.
    pub(crate) fn outcomes(self, of_read: BatchOutcome) -> Vec<Outcome> {
        let unread = self.unread.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut outcomes = of_read.of(self.deliveries.len() - unread.len());
        // From the front, so that each place is that among all.
        for (place, failure) in unread {
            outcomes.insert(place, Outcome::Failed(failure));
        }
        outcomes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::sample::Sample;
    use crate::extract::{Json, Key};

    struct Picky(u8);

    impl<'d> FromDelivery<'d> for Picky {
        fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
            let Json(number) = Json::<u8>::from_delivery(delivery)?;
            assert!(number != 7, "not seven");
            Ok(Self(number))
        }
    }

    fn outcomes(values: &[&str], end: impl FnOnce(Vec<u8>) -> BatchOutcome) -> Vec<String> {
        let samples: Vec<_> = values.iter().map(Sample::value).collect();
        let deliveries: Vec<_> = samples.iter().map(Sample::delivery).collect();
        let batch = Batch::new(&deliveries);
        let read = batch.read("numbers: Vec<Picky>", Picky::from_delivery);
        let end = match read {
            Ok(read) => end(read.into_iter().map(|Picky(number)| number).collect()),
            Err(outcome) => outcome.into(),
        };
        let told = |outcome: Outcome| match outcome {
            Outcome::Done => "done".to_owned(),
            Outcome::Failed(failure) => format!("{:?}: {}", failure.kind, failure.message),
        };
        batch.outcomes(end).into_iter().map(told).collect()
    }

    #[test]
    fn what_cannot_be_read_ends_by_itself_and_the_rest_is_handled() {
        let outcomes = outcomes(&["x", "1", "7", "7", "2", ""], |read| {
            assert_eq!(read, [1, 2]);
            BatchOutcome::Each(vec![Outcome::Done, Outcome::Failed(Box::new(Failure::of("no")))])
        });
        let begin = [
            "Rejection: `numbers: Vec<Picky>`: ",
            "done",
            "Panic: not seven",
            "Panic: not seven",
            "Error: no",
            "Rejection: ",
        ];
        assert_eq!(outcomes.len(), begin.len());
        assert!(outcomes.iter().zip(begin).all(|(told, begin)| told.starts_with(begin)), "{outcomes:#?}");
    }

    #[test]
    fn a_wrong_number_of_results_is_the_failure_of_what_was_handled_only() {
        let outcomes = outcomes(&["x", "1", "2"], |_| BatchOutcome::Each(vec![Outcome::Done; 3]));
        assert!(outcomes[0].starts_with("Rejection"), "{outcomes:#?}");
        assert!(outcomes[1..].iter().all(|told| told.contains("3 results for 2 records")), "{outcomes:#?}");
    }

    #[test]
    fn a_handler_is_not_called_for_nothing() {
        let outcomes = outcomes(&["x", "7"], |_| panic!("there is nothing to handle"));
        assert!(outcomes[0].starts_with("Rejection") && outcomes[1].starts_with("Panic"), "{outcomes:#?}");
    }

    #[test]
    fn records_are_read_as_several_things_at_once_and_rejections_on_request() {
        type Item<'d> = Result<(Key<&'d str>, &'d str), Rejection>;
        let samples = [Sample::key("k"), Sample::value("v")];
        let deliveries: Vec<_> = samples.iter().map(Sample::delivery).collect();
        let batch = Batch::new(&deliveries);
        let read = batch.read("all", Item::from_delivery).ok().unwrap();
        assert!(read.iter().all(Result::is_err), "one has no value, the other no key");
        drop(read);
        assert_eq!(batch.outcomes(Outcome::Done.into()), [Outcome::Done, Outcome::Done]);
    }
}
