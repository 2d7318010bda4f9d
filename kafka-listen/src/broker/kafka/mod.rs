//! A real cluster, through librdkafka. The only folder that names `rdkafka`.
//!
//! What comes in are client properties by librdkafka's names; what goes out are the ports of [`super`]. It decides
//! nothing about records: where a partition begins is [`Beginning`](super::Beginning)'s rule, everything else is for
//! whoever holds the ports.
//!
//! - [`config`], [`property`]: properties, this crate's defaults, what is refused
//! - [`consumer`], [`answers`]: a member of a group; [`assignments`] and [`partition`] are what it reads,
//!   [`rebalance`], [`starts`], [`commits`], [`leave`] what it answers, asks, sends and how it ends
//! - [`producer`], [`report`]: writing
//! - [`admin`], [`reach`]: asking the cluster
//! - [`native`]: what `rdkafka` does not wrap, and the only `unsafe`

mod admin;
mod answers;
mod assignments;
mod commits;
mod config;
mod consumer;
mod leave;
mod logging;
#[expect(unsafe_code, reason = "librdkafka is C")]
mod native;
mod partition;
mod producer;
mod property;
mod reach;
mod rebalance;
mod repeats;
mod report;
mod starts;
mod wording;

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

pub use property::{is_property, is_secret, nearest_property, property_of_env};

use super::{Admin, Broker, ClientError, Consumer, ConsumerSpec, Host, ProducerPort, Wake};
use crate::clock::Clock;
use config::{Properties, unusable};

/// A Kafka cluster.
#[derive(Debug)]
pub struct KafkaBroker {
    properties: Properties,
    known: admin::Known,
}

impl KafkaBroker {
    /// A cluster that is reached by these client properties, by librdkafka's names; nothing is connected yet.
    ///
    /// # Errors
    /// A property is unknown, has a bad value, or would break a promise; `bootstrap.servers` is missing. All that is
    /// wrong with the names is told at once.
    pub fn new(properties: BTreeMap<String, String>) -> Result<Self, ClientError> {
        let properties = Properties::new(&properties)?;
        if properties.address().is_none() {
            return Err(ClientError(
                "`bootstrap.servers` is not set: it is the address of the Kafka brokers".to_owned(),
            ));
        }
        let spec = ConsumerSpec { group: String::new(), topics: vec![], properties: BTreeMap::new(), read_ahead: 0 };
        for config in [properties.consumer(&spec, 1), properties.producer()] {
            config.create_native_config().map(drop).map_err(unusable)?;
        }
        Ok(Self { properties, known: admin::Known::default() })
    }

    /// How many partitions there are to read, as far as it is known.
    fn partitions(&self, spec: &ConsumerSpec) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |topic| known.get(topic).and_then(|&count| usize::try_from(count).ok()).unwrap_or(1);
        spec.topics.iter().map(|(topic, _)| count(topic)).sum()
    }
}

impl Broker for KafkaBroker {
    fn consumer(&self, spec: ConsumerSpec, wake: Wake) -> Result<Box<dyn Consumer>, ClientError> {
        let partitions = self.partitions(&spec);
        Ok(Box::new(consumer::KafkaConsumer::new(&self.properties, spec, partitions, wake)?))
    }

    fn producer(&self) -> Result<Arc<dyn ProducerPort>, ClientError> {
        Ok(Arc::new(producer::KafkaProducer::new(&self.properties)?))
    }

    fn admin(&self) -> Result<Arc<dyn Admin>, ClientError> {
        Ok(Arc::new(admin::KafkaAdmin::new(&self.properties, Arc::clone(&self.known))?))
    }

    fn clock(&self) -> Clock {
        Clock::System
    }

    fn host(&self) -> Host {
        Host::Thread
    }

    fn address(&self) -> String {
        self.properties.address().unwrap_or_default().to_owned()
    }
}
