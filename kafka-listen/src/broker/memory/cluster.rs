//! A cluster inside the process, and how clients find it by its address.
//!
//! `bootstrap.servers=embedded` is the cluster that lives as long as the process, `embedded:NAME` one that lives as
//! long as somebody holds it. No threads, no randomness: what happens depends on the calls and the clock alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use super::admin::MemoryAdmin;
use super::after::After;
use super::consumer::MemoryConsumer;
use super::faults::Faults;
use super::producer::MemoryProducer;
use super::state::State;
use super::watch::Watch;
use crate::broker::{Admin, Broker, ClientError, Consumer, ConsumerSpec, Host, ProducerPort, Wake};
use crate::clock::{Clock, Timestamp};

/// A Kafka cluster inside the process.
///
/// Applications reach it by `bootstrap.servers` alone; its own methods are what a test does beside them: write, look
/// into logs and groups, make things fail.
///
/// Its clock is Tokio's, from the moment the cluster was made: where a test pauses Tokio's time, the cluster's stands
/// still, too.
#[derive(Debug)]
pub struct Cluster {
    address: String,
    clock: Clock,
    machines: Mutex<BTreeMap<String, Clock>>,
    state: Mutex<State>,
    faults: Mutex<Faults>,
    watch: Watch,
    this: Weak<Self>,
}

/// The address of the cluster that everybody shares.
const SHARED: &str = "embedded";

static CLUSTERS: Mutex<Clusters> = Mutex::new(Clusters { shared: None, named: BTreeMap::new() });

struct Clusters {
    shared: Option<Arc<Cluster>>,
    named: BTreeMap<String, Weak<Cluster>>,
}

impl Cluster {
    /// Whether `bootstrap.servers` means a cluster inside the process.
    pub fn is_address(address: &str) -> bool {
        address == SHARED || address.strip_prefix(SHARED).is_some_and(|rest| rest.starts_with(':'))
    }

    /// The cluster at this address, made if it is not there; its time begins now.
    pub fn named(address: &str) -> Arc<Self> {
        let mut clusters = CLUSTERS.lock().unwrap_or_else(PoisonError::into_inner);
        clusters.find(address).unwrap_or_else(|| clusters.make(address, Clock::System.now()))
    }

    /// A new cluster at this address whose time begins at `epoch`; `None` if somebody holds one already.
    pub fn starting_at(address: &str, epoch: Timestamp) -> Option<Arc<Self>> {
        let mut clusters = CLUSTERS.lock().unwrap_or_else(PoisonError::into_inner);
        match clusters.find(address) {
            Some(_) => None,
            None => Some(clusters.make(address, epoch)),
        }
    }

    /// What the cluster's clock says.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.now().as_millis() - self.clock.stepped())
    }

    /// The clock that clients go by: the cluster's, but that it may be set.
    pub(super) fn clients_clock(&self) -> &Clock {
        &self.clock
    }

    /// The clock of a machine that has one of its own.
    pub(super) fn clock_of(&self, machine: &str) -> Clock {
        let mut machines = self.machines.lock().unwrap_or_else(PoisonError::into_inner);
        machines.entry(machine.to_owned()).or_insert_with(|| self.clock.apart()).clone()
    }

    /// Does one operation, then what it left to be done without the lock.
    pub(super) fn update<T>(&self, operation: impl FnOnce(&mut State, &mut After) -> T) -> T {
        let mut after = After::watched(self.watch.is_set());
        let result = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.tick(self.now(), &mut after);
            operation(&mut state, &mut after)
        };
        let seen = after.take_seen();
        if !seen.is_empty() {
            self.watch.tell(seen);
        }
        after.run();
        result
    }

    /// Does one operation for a client, which needs the cluster to be there.
    pub(super) fn ask<T>(
        &self,
        operation: impl FnOnce(&mut State, &mut After) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        self.update(|state, after| match state.reachable {
            true => operation(state, after),
            false => Err(ClientError(format!("the cluster `{}` cannot be reached", self.address))),
        })
    }

    pub(super) fn watcher(&self) -> &Watch {
        &self.watch
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whoever calls a method holds the cluster, so it is there.
    #[expect(clippy::expect_used, reason = "nobody can call a method on what is gone")]
    fn this(&self) -> Arc<Self> {
        self.this.upgrade().expect("a cluster is only ever reached through an Arc")
    }
}

impl Clusters {
    fn find(&self, address: &str) -> Option<Arc<Cluster>> {
        match address {
            SHARED => self.shared.clone(),
            _ => self.named.get(address)?.upgrade(),
        }
    }

    fn make(&mut self, address: &str, epoch: Timestamp) -> Arc<Cluster> {
        let cluster = Arc::new_cyclic(|this| Cluster {
            address: address.to_owned(),
            clock: Clock::tokio(epoch),
            machines: Mutex::default(),
            state: Mutex::new(State::new(epoch)),
            faults: Mutex::default(),
            watch: Watch::default(),
            this: this.clone(),
        });
        match address {
            SHARED => self.shared = Some(Arc::clone(&cluster)),
            _ => {
                self.named.retain(|_, held| held.strong_count() > 0);
                self.named.insert(address.to_owned(), Arc::downgrade(&cluster));
            }
        }
        cluster
    }
}

impl Broker for Cluster {
    fn consumer(&self, spec: ConsumerSpec, wake: Wake) -> Result<Box<dyn Consumer>, ClientError> {
        Ok(Box::new(MemoryConsumer::join(self.this(), self.clock(), &spec, wake)?))
    }

    fn producer(&self) -> Result<Arc<dyn ProducerPort>, ClientError> {
        Ok(Arc::new(MemoryProducer::new(self.this(), None)))
    }

    fn admin(&self) -> Result<Arc<dyn Admin>, ClientError> {
        Ok(Arc::new(MemoryAdmin::new(self.this())))
    }

    fn clock(&self) -> Clock {
        self.clock.clone()
    }

    fn host(&self) -> Host {
        Host::Task
    }

    fn notices_within(&self) -> Duration {
        Duration::ZERO
    }

    fn looks_every(&self) -> Option<Duration> {
        Some(Duration::from_secs(10))
    }

    fn address(&self) -> String {
        self.address.clone()
    }
}
