//! A cluster as one machine sees it: with a clock of that machine's own, which a test may set.

use std::sync::Arc;
use std::time::Duration;

use super::cluster::Cluster;
use super::consumer::MemoryConsumer;
use super::producer::MemoryProducer;
use crate::broker::{Admin, Broker, ClientError, Consumer, ConsumerSpec, Host, ProducerPort, Wake};
use crate::clock::Clock;
use crate::sabotage::{Rule, broken};

/// A machine whose applications reach a cluster.
pub(super) struct Machine {
    cluster: Arc<Cluster>,
    name: Arc<str>,
    clock: Clock,
}

impl Cluster {
    /// What an application gets by this address: the cluster, and behind a `/` the machine that it runs on, which has the
    /// cluster's clock until [`step_clock_of`](Self::step_clock_of) sets it.
    pub fn reached_by(address: &str) -> Arc<dyn Broker> {
        match address.split_once('/') {
            Some((cluster, machine)) => {
                let cluster = Self::named(cluster);
                let clock = cluster.clock_of(machine);
                Arc::new(Machine { cluster, name: machine.into(), clock })
            }
            None => Self::named(address),
        }
    }
}

impl Broker for Machine {
    fn consumer(&self, spec: ConsumerSpec, wake: Wake) -> Result<Box<dyn Consumer>, ClientError> {
        Ok(Box::new(MemoryConsumer::join(self.cluster.clone(), self.clock(), &spec, wake)?))
    }

    fn producer(&self) -> Result<Arc<dyn ProducerPort>, ClientError> {
        Ok(Arc::new(MemoryProducer::new(self.cluster.clone(), Some(self.name.clone()))))
    }

    fn admin(&self) -> Result<Arc<dyn Admin>, ClientError> {
        self.cluster.admin()
    }

    fn clock(&self) -> Clock {
        if broken(Rule::OwnClock) { self.cluster.clock() } else { self.clock.clone() }
    }

    fn host(&self) -> Host {
        self.cluster.host()
    }

    fn notices_within(&self) -> Duration {
        self.cluster.notices_within()
    }

    fn looks_every(&self) -> Option<Duration> {
        self.cluster.looks_every()
    }

    fn address(&self) -> String {
        self.cluster.address()
    }
}
