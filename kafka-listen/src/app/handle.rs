//! A running application.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;

use super::consumers::Consumers;
use super::current::CurrentPlan;
use super::discover::Discovery;
use super::mend::Mending;
use super::pauses::Pauses;
use super::{Error, Paused};
use crate::broker::ProducerPort;
use crate::listener::Plan;
use crate::producer::Producer;
use crate::runtime::Status;

/// A running application. Dropped, it stops in the background.
#[must_use = "an application whose handle is dropped stops"]
pub struct Handle {
    pub(super) consumers: Arc<Consumers>,
    pub(super) statuses: mpsc::UnboundedReceiver<(usize, Status)>,
    pub(super) producer: Producer,
    pub(super) port: Arc<dyn ProducerPort>,
    pub(super) plan: CurrentPlan,
    pub(super) drain: Duration,
    pub(super) pauses: Arc<Pauses>,
    /// These end with the handle.
    pub(super) _mending: Mending,
    pub(super) _discovery: Option<Discovery>,
}

impl Handle {
    /// How long a stop waits, after the drain, for commits and for the group to be left.
    const LEAVE_WITHIN: Duration = Duration::from_secs(10);

    /// Resolves when every consumer knows its partitions: from then on records are handled as they come.
    ///
    /// # Errors
    /// A consumer became useless before.
    pub async fn ready(&mut self) -> Result<(), Error> {
        while !self.consumers.are_ready() {
            self.next_status().await?;
        }
        Ok(())
    }

    /// Resolves when a consumer has become useless, with the reason; what it read waits until the application is started
    /// again. [`App::run`](crate::App::run) stops then by itself.
    pub async fn failed(&mut self) -> Error {
        loop {
            if let Err(error) = self.next_status().await {
                return error;
            }
        }
    }

    /// Starts a listener that has `auto_start = false`: it joins its groups, and [`ready`](Self::ready) waits for it, too. Does
    /// nothing if it has been started.
    ///
    /// ```no_run
    /// # async fn demo() -> Result<(), kafka_listen::Error> {
    /// let mut handle = kafka_listen::App::from_env().start().await?;
    /// // When the cache is warm:
    /// handle.start_listener("send_email")?;
    /// handle.ready().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NoListener`]: no listener has this id. Otherwise what keeps a consumer from being made; it may be tried again.
    pub fn start_listener(&mut self, listener: &str) -> Result<(), Error> {
        let (index, _) = self.pauses.find(listener)?;
        self.consumers.start_listener(index)
    }

    /// Pauses a listener, by its id: the name of its function, unless the attribute says otherwise.
    ///
    /// Nothing more of its source topics, retry topics and DLT starts in this process, and nothing more is read. What runs
    /// may end, and is committed; what becomes due waits, and runs at once when the listener
    /// [goes on](Self::resume). The membership in its groups is kept, and partitions that come meanwhile are paused, too.
    /// Other listeners, and other processes, go on. A pause ends with the process.
    ///
    /// ```no_run
    /// # async fn demo() -> Result<(), kafka_listen::Error> {
    /// let handle = kafka_listen::App::from_env().start().await?;
    /// handle.pause("send_email")?;
    /// assert_eq!(handle.paused()[0].listener, "send_email");
    /// handle.resume("send_email")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::NoListener`]: no listener has this id.
    pub fn pause(&self, listener: &str) -> Result<(), Error> {
        self.pauses.pause(listener)
    }

    /// Lets a listener go on that was [paused](Self::pause), or that [stopped](crate::Decision::Stop). Does nothing if it was not.
    ///
    /// # Errors
    /// [`Error::NoListener`]: no listener has this id.
    pub fn resume(&self, listener: &str) -> Result<(), Error> {
        self.pauses.resume(listener)
    }

    /// The listeners that are paused, each with its reason: those that their handlers stopped, too.
    pub fn paused(&self) -> Vec<Paused> {
        self.pauses.all()
    }

    /// What the application listens to at this moment, the topics that a pattern has found meanwhile included; its `Display` is
    /// what start-up logs.
    pub fn plan(&self) -> Arc<Plan> {
        self.plan.get()
    }

    /// The application's producer.
    pub fn producer(&self) -> &Producer {
        &self.producer
    }

    /// Stops cleanly: nothing more is read, what runs may end, what ended is committed, the groups are left.
    pub async fn stop(self) {
        self.ask_to_stop();
        let consumers = self.consumers.take();
        let all = async {
            for consumer in consumers {
                consumer.ended.wait().await;
            }
            self.port.flush().await;
        };
        if tokio::time::timeout(self.drain.saturating_add(Self::LEAVE_WITHIN), all).await.is_err() {
            tracing::warn!("the group could not be left in time; what was not committed will be delivered again");
        }
    }

    /// Ends at once, as `kill -9` does: handlers stop where they are, nothing more is written or committed. Only on the
    /// in-process broker.
    #[cfg(feature = "testing")]
    pub fn crash(self) {
        for consumer in self.consumers.take() {
            consumer.ended.abort();
        }
    }

    /// The plan, which outlives the handle.
    #[cfg(feature = "testing")]
    pub(crate) fn shared_plan(&self) -> CurrentPlan {
        self.plan.clone()
    }

    async fn next_status(&mut self) -> Result<(), Error> {
        match self.statuses.recv().await {
            Some((index, Status::Ready)) => {
                self.consumers.is_ready(index);
                Ok(())
            }
            Some((_, Status::Failed(message))) => Err(Error::Consumer(message)),
            None => Err(Error::Consumer("every consumer has ended".to_owned())),
        }
    }

    fn ask_to_stop(&self) {
        self.consumers.stop(self.drain);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.ask_to_stop();
    }
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handle").field("plan", &self.plan).finish_non_exhaustive()
    }
}
