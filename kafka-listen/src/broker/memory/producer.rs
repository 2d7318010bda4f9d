//! The producer port: records in, written to logs in the order of the calls, each answered once.
//!
//! Mostly the answer is there before `send` returns. Where it is not (the cluster cannot be reached, or a fault delays
//! it) the record counts against the queue, as it does in a real client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::cluster::Cluster;
use super::faults::PublishFault;
use super::watch::Seen;
use crate::broker::{BoxFuture, Capacity, Full, Place, ProducerPort, Receipt, Shares};
use crate::record::Outgoing;

/// Writes to a cluster in the process.
pub(super) struct MemoryProducer {
    cluster: Arc<Cluster>,
    machine: Option<Arc<str>>,
    unanswered: Arc<Unanswered>,
    shares: Mutex<Shares>,
}

/// How many records wait for their answers.
#[derive(Default)]
struct Unanswered {
    count: AtomicUsize,
    none: Notify,
}

impl MemoryProducer {
    pub(super) fn new(cluster: Arc<Cluster>, machine: Option<Arc<str>>) -> Self {
        Self { cluster, machine, unanswered: Arc::default(), shares: Mutex::default() }
    }

    /// The same receipt, counted until it is called.
    fn counted(&self, receipt: Receipt, place: Place) -> Receipt {
        let unanswered = Arc::clone(&self.unanswered);
        unanswered.count.fetch_add(1, Ordering::SeqCst);
        Box::new(move |answer| {
            drop(place);
            receipt(answer);
            if unanswered.count.fetch_sub(1, Ordering::SeqCst) == 1 {
                unanswered.none.notify_waiters();
            }
        })
    }

    /// The same receipt, before which whoever watches is told of the answer.
    fn watched(&self, record: &Outgoing, receipt: Receipt) -> Receipt {
        if !self.cluster.watcher().is_set() {
            return receipt;
        }
        let (cluster, machine, record) = (Arc::clone(&self.cluster), self.machine.clone(), record.clone());
        Box::new(move |answer| {
            let told = answer.as_ref().map(|written| *written).map_err(|error| error.kind);
            cluster.watcher().tell([Seen::Answered { machine, record, answer: told }]);
            receipt(answer);
        })
    }

    /// Sees to it that the cluster looks at its clock when the answer is due.
    fn look_after(&self, fault: PublishFault) {
        if let (PublishFault::Delay(delay), Ok(runtime)) = (fault, tokio::runtime::Handle::try_current()) {
            let cluster = Arc::clone(&self.cluster);
            runtime.spawn(async move {
                tokio::time::sleep(delay).await;
                cluster.update(|_, _| ());
            });
        }
    }
}

impl ProducerPort for MemoryProducer {
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full> {
        let fault = self.cluster.faults().publish(&record);
        let now = self.cluster.update(|state, after| {
            let capacity = Capacity { records: state.publishing.queue, bytes: usize::MAX };
            let place = self.shares.lock().unwrap_or_else(PoisonError::into_inner).place(&record, 0, capacity);
            let Some(place) = place else { return Err(Full { record, receipt }) };
            // What is written here is in its log at once; no second record can come before a first.
            place.is_known(true);
            let receipt = self.watched(&record, receipt);
            Ok(state.publish(record, receipt, fault, |receipt| self.counted(receipt, place), after))
        })?;
        match (now, fault) {
            (Some((receipt, answer)), _) => receipt(answer),
            (None, Some(fault)) => self.look_after(fault),
            (None, None) => {}
        }
        Ok(())
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            loop {
                let none = self.unanswered.none.notified();
                if self.unanswered.count.load(Ordering::SeqCst) == 0 {
                    return;
                }
                none.await;
            }
        })
    }
}
