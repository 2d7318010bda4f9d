//! Commits that were sent and not answered.

use std::collections::HashMap;

use rdkafka::error::RDKafkaErrorCode as Code;

use super::native::list::Listed;
use crate::broker::ConsumerEvent;
use crate::record::{AssignmentId, TopicPartition};

/// One offset of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: AssignmentId,
    pub(super) place: TopicPartition,
    pub(super) offset: i64,
}

/// Those that are under way, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Commits {
    sent: HashMap<usize, Vec<Commit>>,
    last: usize,
}

impl Commits {
    /// A number for the next commit.
    pub(super) fn next_number(&mut self) -> usize {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    /// A commit was sent.
    pub(super) fn sent(&mut self, number: usize, commit: Vec<Commit>) {
        self.sent.insert(number, commit);
    }

    /// A commit was answered, as a whole or partition by partition.
    pub(super) fn answered(&mut self, number: usize, answer: &[Listed], error: Option<Code>) -> Vec<ConsumerEvent> {
        let (mut good, mut bad) = (Vec::new(), Vec::<(Code, Vec<_>)>::new());
        // Where single partitions were refused, librdkafka gives the error of one of them for the whole.
        let of_all = error.filter(|_| answer.iter().all(|listed| listed.error.is_none()));
        for commit in self.sent.remove(&number).unwrap_or_default() {
            let of_partition = answer.iter().find(|listed| listed.is(&commit.place));
            let error = of_partition.map_or(error, |listed| listed.error.or(of_all));
            let offset = (commit.id, commit.offset);
            match error {
                None => good.push(offset),
                Some(code) => match bad.iter_mut().find(|(of, _)| *of == code) {
                    // Told once, not for each of hundreds of partitions.
                    Some((_, offsets)) => offsets.push(offset),
                    None => bad.push((code, vec![offset])),
                },
            }
        }
        let mut events: Vec<_> = bad.into_iter().map(|(code, offsets)| refused(offsets, code.to_string())).collect();
        if !good.is_empty() {
            events.push(ConsumerEvent::Committed { offsets: good, error: None });
        }
        events
    }
}

/// A commit that came to nothing.
pub(super) fn refused(offsets: Vec<(AssignmentId, i64)>, why: String) -> ConsumerEvent {
    ConsumerEvent::Committed { offsets, error: Some(why) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TopicName;

    #[test]
    fn an_answer_is_told_for_good_partitions_and_for_bad_ones() {
        let place = |partition| TopicPartition { topic: TopicName::new("t").unwrap(), partition };
        let commit = |id, partition, offset| Commit { id: AssignmentId(id), place: place(partition), offset };
        let mut commits = Commits::default();
        let (first, second) = (commits.next_number(), commits.next_number());
        commits.sent(first, vec![commit(1, 0, 5)]);
        commits.sent(second, vec![commit(1, 0, 7), commit(2, 1, 9)]);
        let answer = |partition, error| Listed { topic: "t".to_owned(), partition, offset: 0, error };
        let refused = Some(Code::IllegalGeneration);
        let told = commits.answered(second, &[answer(0, None), answer(1, refused)], refused);
        let told: Vec<_> = told
            .iter()
            .map(|event| match event {
                ConsumerEvent::Committed { offsets, error } => (offsets[0], error.is_some()),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, [((AssignmentId(2), 9), true), ((AssignmentId(1), 7), false)]);
        assert_eq!(commits.answered(first, &[], None).len(), 1);
        let third = commits.next_number();
        commits.sent(third, vec![commit(1, 0, 7), commit(2, 1, 9)]);
        let answer = [answer(0, None), answer(1, None)];
        let told = commits.answered(third, &answer, Some(Code::NotCoordinator));
        let all = |it: &ConsumerEvent| matches!(it, ConsumerEvent::Committed { offsets, error: Some(_) } if offsets.len() == 2);
        assert!(told.len() == 1 && all(&told[0]), "one trouble of all, told once");
        assert!(commits.answered(first, &[], None).is_empty(), "once");
    }
}
