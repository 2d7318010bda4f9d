//! The cluster as a whole: makes consumers, producers and administration from its properties.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use super::config::Properties;
use super::{admin, consumer, leave, producer};
use crate::broker::{Admin, Broker, ClientError, Consumer, ConsumerSpec, Host, ProducerPort, Wake};
use crate::clock::Clock;

/// What a group may take to take away the partitions of a topic that is gone.
const REBALANCE: Duration = Duration::from_secs(5);

/// For how many partitions there is room to read ahead where more topics may come: a client's limits count for each of them, and
/// cannot be changed once it is made.
const ROOM_TO_GROW: usize = 64;

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
    /// A property is unknown, has a bad value, or would break a promise, all of it at once; `bootstrap.servers` is missing.
    pub fn new(properties: BTreeMap<String, String>) -> Result<Self, ClientError> {
        let properties = Properties::new(&properties)?;
        if properties.address().is_none() {
            return Err(ClientError(
                "`bootstrap.servers` is not set: it is the address of the Kafka brokers".to_owned(),
            ));
        }
        Ok(Self { properties, known: admin::Known::default() })
    }

    /// How many partitions there are to read, as far as it is known.
    fn partitions(&self, spec: &ConsumerSpec) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let count = |topic| known.get(topic).and_then(|&count| usize::try_from(count).ok()).unwrap_or(1);
        let known = spec.topics.iter().map(|(topic, _)| count(topic)).sum();
        if spec.grows { usize::max(known, ROOM_TO_GROW) } else { known }
    }
}

impl Broker for KafkaBroker {
    fn consumer(&self, spec: ConsumerSpec, wake: Wake) -> Result<Box<dyn Consumer>, ClientError> {
        let partitions = self.partitions(&spec);
        let consumer = consumer::KafkaConsumer::new(&self.properties, spec, partitions, wake)?;
        Ok(Box::new(leave::Leaver::new(consumer)))
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

    fn notices_within(&self) -> Duration {
        self.properties.metadata_interval() + REBALANCE
    }

    fn looks_every(&self) -> Option<Duration> {
        Some(self.properties.metadata_interval()).filter(|interval| !interval.is_zero())
    }

    fn address(&self) -> String {
        self.properties.address().unwrap_or_default().to_owned()
    }
}
