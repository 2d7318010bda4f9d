//! What a driver runs on: a thread of its own on a real cluster, a task in the in-process broker.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;

use super::driver::{Driver, Turn};
use crate::broker::{Host, Wake};

/// Tells when a driver has ended.
pub(crate) struct Ended {
    receiver: oneshot::Receiver<()>,
    #[cfg_attr(not(feature = "testing"), expect(dead_code, reason = "only a test ends a driver so"))]
    task: Option<AbortHandle>,
}

impl Ended {
    /// Waits for it.
    pub(crate) async fn wait(self) {
        // An error means that the driver is gone, which is what is waited for.
        let _ = self.receiver.await;
    }

    /// Ends the driver where it is, if it is a task. A thread cannot be ended; nobody asks for that.
    #[cfg(feature = "testing")]
    pub(crate) fn abort(&self) {
        self.task.iter().for_each(AbortHandle::abort);
    }
}

/// Where a driver will run; made before it, because its consumer needs something to wake.
pub(crate) enum Seat {
    /// Parked and unparked.
    Thread(Arc<Parking>),
    /// Notified.
    Task(Arc<Notify>),
}

/// A thread that sleeps until it is woken, or was woken before it slept.
#[derive(Default)]
pub(crate) struct Parking {
    woken: AtomicBool,
    thread: std::sync::OnceLock<Thread>,
}

impl Seat {
    pub(crate) fn new(host: Host) -> Self {
        match host {
            Host::Thread => Self::Thread(Arc::default()),
            Host::Task => Self::Task(Arc::new(Notify::new())),
        }
    }

    /// Wakes whoever sits here.
    pub(crate) fn wake(&self) -> Wake {
        match self {
            Self::Thread(parking) => {
                let parking = parking.clone();
                Wake::new(move || parking.wake())
            }
            Self::Task(notify) => {
                let notify = notify.clone();
                Wake::new(move || notify.notify_one())
            }
        }
    }

    /// Runs a driver until it ends.
    pub(crate) fn run(self, name: String, driver: Driver, runtime: &Handle) -> std::io::Result<Ended> {
        let (ended, receiver) = oneshot::channel();
        let task = match self {
            Self::Thread(parking) => {
                let runtime = runtime.clone();
                thread::Builder::new().name(name).spawn(move || {
                    // Records and extractors may use Tokio when they are dropped.
                    let _runtime = runtime.enter();
                    parking.run(driver);
                    let _ = ended.send(());
                })?;
                None
            }
            Self::Task(notify) => {
                let task = runtime.spawn(async move {
                    run_task(driver, &notify).await;
                    let _ = ended.send(());
                });
                Some(task.abort_handle())
            }
        };
        Ok(Ended { receiver, task })
    }
}

impl Parking {
    /// A clock may step while a thread sleeps, so that no sleep is longer than this.
    const LONGEST_SLEEP: Duration = Duration::from_secs(1);

    fn wake(&self) {
        // Most wake-ups find the thread awake, or woken before: then there is nobody to unpark.
        if !self.woken.swap(true, Ordering::AcqRel)
            && let Some(thread) = self.thread.get()
        {
            thread.unpark();
        }
    }

    fn run(&self, mut driver: Driver) {
        let _ = self.thread.set(thread::current());
        loop {
            self.woken.store(false, Ordering::Release);
            let Turn::Until(wake_at) = driver.turn() else { return };
            let longest = wake_at.map_or(Self::LONGEST_SLEEP, |at| driver.clock().until(at).min(Self::LONGEST_SLEEP));
            if !longest.is_zero() && !self.woken.load(Ordering::Acquire) {
                thread::park_timeout(longest);
            }
        }
    }
}

async fn run_task(mut driver: Driver, notify: &Notify) {
    while let Turn::Until(wake_at) = driver.turn() {
        let Some(at) = wake_at else {
            notify.notified().await;
            continue;
        };
        let longest = driver.clock().until(at);
        // A time that came is not a reason to take the runtime from others.
        if longest.is_zero() {
            tokio::task::yield_now().await;
        } else {
            let _ = tokio::time::timeout(longest, notify.notified()).await;
        }
    }
}
