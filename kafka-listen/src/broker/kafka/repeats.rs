//! Errors that librdkafka tells again and again: each is news only now and then.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka::error::RDKafkaErrorCode as Code;

use crate::clock::Timestamp;
use crate::record::TopicPartition;

/// For how long the same is no news.
const QUIET: Duration = Duration::from_secs(30);

/// When each error was last told.
#[derive(Debug, Default)]
pub(super) struct Repeats(HashMap<(i32, Option<TopicPartition>), Timestamp>);

impl Repeats {
    /// Whether this error, about this partition, has not been told for a while; if so, it counts as told now.
    pub(super) fn is_news(&mut self, code: Code, place: Option<&TopicPartition>, now: Timestamp) -> bool {
        self.0.retain(|_, told| now.since(*told) < QUIET);
        let key = (code as i32, place.cloned());
        let is_news = !self.0.contains_key(&key);
        if is_news {
            self.0.insert(key, now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_error_is_told_again_only_after_a_while() {
        let mut repeats = Repeats::default();
        let at = Timestamp::from_millis;
        assert!(repeats.is_news(Code::AllBrokersDown, None, at(0)));
        assert!(!repeats.is_news(Code::AllBrokersDown, None, at(29_999)));
        assert!(repeats.is_news(Code::Authentication, None, at(29_999)));
        assert!(repeats.is_news(Code::AllBrokersDown, None, at(30_000)));
    }
}
