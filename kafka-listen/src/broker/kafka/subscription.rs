//! Which topics a member reads, told to librdkafka whenever that can be done.

use std::collections::BTreeSet;
use std::time::Duration;

use super::consumer::KafkaConsumer;
use super::leaving::Stage;
use crate::broker::{ConsumerError, ConsumerEvent};
use crate::record::TopicName;

/// How long it may take to learn of one new topic.
const PATIENCE: Duration = Duration::from_millis(500);

impl KafkaConsumer {
    /// Has librdkafka read what is wanted, unless it does already or cannot be told now.
    pub(super) fn follow_topics(&mut self) {
        if self.stage != Stage::Open || self.join_at.is_some() || !self.has_other_topics() || !self.may_subscribe() {
            return;
        }
        if let Err(message) = self.read_topics() {
            self.outbox.push(ConsumerEvent::Failed(ConsumerError { fatal: true, partition: None, message }));
        }
    }

    fn has_other_topics(&self) -> bool {
        self.topics.len() != self.subscribed.len()
            || !self.topics.values().all(|(topic, _)| self.subscribed.contains(topic))
    }

    /// A subscription may be changed between joining for the first time and leaving, of a member that the group knows, and
    /// only to topics that the client knows: librdkafka ends the process if it has to ask for one at the wrong moment.
    fn may_subscribe(&self) -> bool {
        if self.subscribed.is_empty() || self.topics.is_empty() {
            return true;
        }
        let is_new = |topic: &&TopicName| !self.subscribed.contains(*topic);
        self.rebalances.is_empty()
            && self.client.is_member()
            && self.topics.values().map(|(topic, _)| topic).filter(is_new).all(|it| self.client.learn(it, PATIENCE))
    }

    /// Joins the group with all topics that are wanted, or changes what is read; leaves it if there are none.
    pub(super) fn read_topics(&mut self) -> Result<(), String> {
        let topics: BTreeSet<_> = self.topics.values().map(|(topic, _)| topic.clone()).collect();
        if topics.is_empty() {
            self.client.unsubscribe();
        } else {
            let told = self.client.subscribe(topics.iter().map(TopicName::as_str));
            told.map_err(|error| format!("the group `{}` cannot be joined: {error}", self.group))?;
        }
        self.subscribed = topics;
        Ok(())
    }
}
