//! What an application is made of.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::signals::Signals;
use super::{Error, Handle, checked, environment, start};
use crate::config::{Entry, Origin, Written};
use crate::engine::Limits;
use crate::extract::States;
use crate::listener::{Named, Plan};
use crate::observe::{Observer, Observers, Trace};
use crate::problem::Problems;
use crate::runtime::blocking_calls;

/// An application that listens to Kafka: its listeners, and what they are given.
///
/// ```no_run
/// use kafka_listen::prelude::*;
///
/// #[kafka_listener(topic = "greetings", group = "demo", attempts = 3)]
/// async fn greet(name: &str) -> Result<(), std::io::Error> {
///     println!("hello, {name}");
///     Ok(())
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), kafka_listen::Error> {
/// App::from_env().run().await
/// # }
/// ```
///
/// # Configuration
///
/// What is written in several places is taken from the first of these:
///
/// 1. the program: [`property`](Self::property), [`group`](Self::group), [`setting`](Self::setting)
/// 2. the environment, if the application was made by [`from_env`](Self::from_env)
/// 3. the file `kafka-listen.toml` in the working directory, likewise, or the one that [`config_file`](Self::config_file)
///    or `KAFKA_LISTEN_CONFIG` names (feature `toml`)
/// 4. the listeners' attributes, and [`default_property`](Self::default_property)
/// 5. the defaults of this crate and of librdkafka
///
/// | | in the environment | in the file |
/// |---|---|---|
/// | a client property, `session.timeout.ms` | `KAFKA_SESSION_TIMEOUT_MS=10000` | `session.timeout.ms = 10000` under `[properties]` |
/// | a value for placeholders, `${STAGE}` | `STAGE=prod` | `STAGE = "prod"` under `[properties]` |
/// | the group of listeners that name none | `KAFKA_LISTEN_GROUP=email` | `group = "email"` |
/// | a key of the listener `send_email` | `KAFKA_LISTEN_SEND_EMAIL_BACKOFF_DELAY=2s` | `backoff.delay = "2s"` under `[listener.send_email]` |
///
/// Placeholders are filled in attributes, in the group, in what is said of listeners, whatever the place, and in the file's
/// properties; not in the other client properties, whose values may hold any characters. All that is wrong is told
/// together at start-up, each with its place.
#[derive(Default)]
#[must_use = "an application does nothing until it is run or started"]
pub struct App {
    pub(super) properties: BTreeMap<String, String>,
    pub(super) defaults: BTreeMap<String, String>,
    pub(super) settings: Vec<Entry>,
    /// What `from_env` saw.
    pub(super) environment: Option<BTreeMap<String, String>>,
    pub(super) config_file: Option<PathBuf>,
    pub(super) group: Option<String>,
    pub(super) states: States,
    pub(super) named: Option<Vec<Named>>,
    pub(super) create_sources: Option<u32>,
    pub(super) drain: Option<Duration>,
    pub(super) jitter_seed: Option<u64>,
    pub(super) limits: Option<Limits>,
    pub(super) observers: Observers,
    pub(super) problems: Problems,
}

impl App {
    /// How long a stop waits for handlers that run, unless [`drain`](Self::drain) says otherwise.
    pub const DRAIN: Duration = Duration::from_secs(20);

    /// An application without any settings.
    pub fn new() -> Self {
        let mut app = Self::default();
        app.observers.add(Arc::new(Trace));
        app
    }

    /// An application with the settings of the environment and of the file `kafka-listen.toml`, if there is one in the
    /// working directory.
    ///
    /// `KAFKA_<PROPERTY>` is a client property, dots as underscores: `KAFKA_BOOTSTRAP_SERVERS` is `bootstrap.servers`.
    /// `KAFKA_LISTEN_<LISTENER>_<KEY>` sets a key of a listener's attribute, and any variable fills placeholders,
    /// `${NAME}`. Which place counts for more [is always the same](App#configuration).
    pub fn from_env() -> Self {
        let mut app = Self::new();
        app.environment = Some(environment::texts(std::env::vars_os(), &mut app.problems));
        app
    }

    /// Reads this file instead of `kafka-listen.toml` in the working directory; it must be there. Counts for more than the
    /// variable `KAFKA_LISTEN_CONFIG`. Takes the feature `toml`.
    pub fn config_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.config_file = Some(path.into());
        self
    }

    /// Sets a client property by librdkafka's name, or a property for placeholders. A later one replaces an earlier one;
    /// it counts for more than the environment and the file.
    pub fn property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.properties.insert(name.into(), value.into());
        self
    }

    /// Sets a client property that counts for less than what any other place says.
    pub fn default_property(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.defaults.insert(name.into(), value.into());
        self
    }

    /// Sets a key of a listener's attribute to something else: the listener by its id, the key as a file writes it,
    /// `attempts` or `backoff.delay`. It counts for more than the environment, the file and the attribute.
    ///
    /// ```no_run
    /// # use kafka_listen::App;
    /// let app = App::from_env().setting("send_email", "attempts", 3).setting("send_email", "backoff.delay", "2s");
    /// ```
    pub fn setting(mut self, listener: impl Into<String>, key: impl Into<String>, value: impl ToString) -> Self {
        let written = Written::new(value.to_string(), Origin::Code("setting"));
        self.settings.push(Entry { listener: listener.into(), key: key.into(), written });
        self
    }

    /// The consumer group of listeners that name none.
    pub fn group(mut self, group: impl Into<String>) -> Self {
        self.group = Some(group.into());
        self
    }

    /// Gives handlers a state, which they take as [`State<T>`](crate::State). One of each type; a second one of the same
    /// type is an error at start-up.
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, state: T) -> Self {
        if !self.states.insert(state) {
            let name = std::any::type_name::<T>();
            self.problems.add(format!(
                "the application was given two states of type `{name}`: wrap one of them in a type of its own"
            ));
        }
        self
    }

    /// Names a listener by its function. Once this is called, the application has exactly the listeners so named, with
    /// their DLT handlers, instead of all that are linked into the program.
    pub fn listener<F: 'static>(mut self, function: F) -> Self {
        let _ = function;
        let named = Named { function: TypeId::of::<F>(), path: std::any::type_name::<F>() };
        self.named.get_or_insert_default().push(named);
        self
    }

    /// Creates source topics that do not exist, with so many partitions: at least one, and no more than `i32::MAX`, or it
    /// is an error at start-up. Without it a missing topic is an error at start-up: a typing error must not create a topic.
    pub fn create_source_topics(mut self, partitions: u32) -> Self {
        match i32::try_from(partitions) {
            Ok(1..) => self.create_sources = Some(partitions),
            _ => self.problems.add(format!(
                "`.create_source_topics({partitions})`: a topic has at least one partition, and at most {}",
                i32::MAX
            )),
        }
        self
    }

    /// How long a stop waits for handlers that run, 20 s by default; then they are cancelled, and their records are delivered again. With
    /// `Duration::MAX` it waits until they end.
    pub fn drain(mut self, drain: Duration) -> Self {
        self.drain = Some(drain);
        self
    }

    /// What makes this process's jitter differ from another's; by default its process id. Set, a test with jitter runs
    /// always alike.
    #[cfg(feature = "testing")]
    pub fn jitter_seed(mut self, seed: u64) -> Self {
        self.jitter_seed = Some(seed);
        self
    }

    /// Bounds what each consumer holds: so many records of a partition, and bytes of a partition and of all; so that a test
    /// reaches the bounds with a few records.
    #[cfg(feature = "testing")]
    #[doc(hidden)]
    pub fn limits(mut self, window: usize, partition_bytes: usize, total_bytes: usize) -> Self {
        self.limits = Some(Limits { window, partition_bytes, total_bytes });
        self
    }

    /// What [`from_env`](Self::from_env) would see, were this its environment.
    #[cfg(feature = "testing")]
    pub fn environment<K: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.environment = Some(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect());
        self
    }

    /// Is told whatever happens: see [`Event`](crate::Event).
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observers.add(Arc::new(observer));
        self
    }

    /// What it would listen to, with all checks that need no cluster: for the rights that it takes, for example, see
    /// [`Plan::acls`]. Nothing is connected, but the client's properties are checked with the rest: the cluster must be named.
    ///
    /// # Errors
    /// [`Error::Settings`] says all that is wrong.
    pub fn plan(mut self) -> Result<Plan, Error> {
        checked::settings(&mut self).map(|(plan, _)| plan)
    }

    /// Starts, and returns when it runs: settings checked, topics there, consumers joining.
    ///
    /// # Errors
    /// [`Error`] says all that is wrong.
    pub async fn start(self) -> Result<Handle, Error> {
        start::start(self).await
    }

    /// Runs until SIGINT or SIGTERM, then stops cleanly: what runs may end, what ended is committed, the group is left. A
    /// second signal ends the process at once. A plain `fn` that has not returned by then cannot be stopped, so the process
    /// ends without it, and its record is delivered again.
    ///
    /// # Errors
    /// It could not start, or a consumer became useless.
    pub async fn run(self) -> Result<(), Error> {
        let mut signals = Signals::new()?;
        let mut handle = tokio::select! {
            started = self.start() => started?,
            _ = signals.next() => return Ok(()),
        };
        let failed = tokio::select! {
            error = handle.failed() => Some(error),
            _ = signals.next() => None,
        };
        tracing::info!("stopping");
        tokio::select! {
            () = handle.stop() => {}
            signal = signals.next_wish() => {
                tracing::warn!("a second signal: ending at once; what was not committed will be delivered again");
                // What a shell reports of a process that a signal ended.
                std::process::exit(128 + signal);
            }
        }
        let calls = blocking_calls();
        if calls > 0 {
            // The end of the runtime would wait for them, deaf to signals, for ever if need be.
            tracing::warn!(
                calls,
                "handlers that are plain functions have not returned: ending the process without them"
            );
            std::process::exit(i32::from(failed.is_some()));
        }
        failed.map_or(Ok(()), Err)
    }

    /// Runs until `end` resolves, then stops cleanly.
    ///
    /// # Errors
    /// It could not start, or a consumer became useless.
    pub async fn run_until(self, end: impl Future<Output = ()>) -> Result<(), Error> {
        let mut handle = self.start().await?;
        let failed = tokio::select! {
            error = handle.failed() => Some(error),
            () = end => None,
        };
        handle.stop().await;
        failed.map_or(Ok(()), Err)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("group", &self.group).field("states", &self.states).finish_non_exhaustive()
    }
}
