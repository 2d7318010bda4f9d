//! Commits that were sent and not answered. librdkafka's answer names partitions and offsets, not the assignment.

use std::collections::VecDeque;

use super::native::list::Listed;
use crate::record::{AssignmentId, TopicPartition};

/// One offset of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: AssignmentId,
    pub(super) place: TopicPartition,
    pub(super) offset: i64,
}

/// Those that are under way, in the order in which they were sent.
#[derive(Debug, Default)]
pub(super) struct Commits(VecDeque<Vec<Commit>>);

impl Commits {
    /// A commit was sent.
    pub(super) fn sent(&mut self, commit: Vec<Commit>) {
        self.0.push_back(commit);
    }

    /// A commit was answered: the oldest that is about the same partitions and offsets.
    pub(super) fn answered(&mut self, answer: &[Listed]) -> Vec<Commit> {
        let same = |commit: &Vec<Commit>| {
            commit.len() == answer.len()
                && commit
                    .iter()
                    .all(|one| answer.iter().any(|listed| listed.is(&one.place) && listed.offset == one.offset))
        };
        let found = self.0.iter().position(same);
        found.and_then(|index| self.0.remove(index)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::TopicName;

    fn commit(id: u64, partition: i32, offset: i64) -> Commit {
        let place = TopicPartition { topic: TopicName::new("t").unwrap(), partition };
        Commit { id: AssignmentId(id), place, offset }
    }

    fn answer(partition: i32, offset: i64) -> Listed {
        Listed { topic: "t".to_owned(), partition, offset, error: None }
    }

    #[test]
    fn an_answer_finds_its_commit_by_partitions_and_offsets_in_any_order() {
        let mut commits = Commits::default();
        commits.sent(vec![commit(1, 0, 5)]);
        commits.sent(vec![commit(1, 0, 7), commit(2, 1, 9)]);
        let both = commits.answered(&[answer(1, 9), answer(0, 7)]);
        assert_eq!(both, [commit(1, 0, 7), commit(2, 1, 9)]);
        assert_eq!(commits.answered(&[answer(0, 5)]), [commit(1, 0, 5)]);
        assert_eq!(commits.answered(&[answer(0, 5)]), []);
    }
}
