//! A real Apache Kafka for tests: one node, no Docker, on 127.0.0.1, gone when the test process is gone.
//!
//! [`shared`] is one broker for a whole test binary; a test that stops, kills or pauses its broker starts one of its
//! own with [`RealKafka::start`]. It takes Java 17 and Maven, which fetches the jars (55 MB) the first time.

mod install;
mod slot;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use install::Install;
use slot::Slot;

use crate::process::{self, Process};

/// How long a broker may take to start on a busy machine.
const START: Duration = Duration::from_secs(120);
/// How long a broker may take to stop by itself.
const STOP: Duration = Duration::from_secs(60);

/// A broker. Dropping it kills it; so does the end of this process, however it ends.
#[derive(Debug)]
pub struct RealKafka {
    slot: Slot,
    process: Mutex<Option<Process>>,
}

/// The broker that all tests of this binary share, started at the first call. Use topics and groups of your own.
pub fn shared() -> &'static RealKafka {
    static SHARED: OnceLock<RealKafka> = OnceLock::new();
    SHARED.get_or_init(|| RealKafka::start(&[]))
}

impl RealKafka {
    /// Starts a broker with an empty log and waits until it serves. `extra` is added to its `server.properties` and
    /// wins over what is there; `{port}`, `{controller}`, `{proxy}`, `{proxied}` and `{dir}` in a value stand for the broker's own.
    ///
    /// # Panics
    /// It does not start; the end of its log is in the message.
    pub fn start(extra: &[(&str, &str)]) -> Self {
        Self::start_in(Slot::free(), extra)
    }

    /// The same, on a port of your choice.
    ///
    /// # Panics
    /// It does not start, or the port is taken.
    pub fn start_at(port: u16, extra: &[(&str, &str)]) -> Self {
        Self::start_in(Slot::at(port).unwrap_or_else(|| panic!("port {port} or one of the next three is taken")), extra)
    }

    fn start_in(slot: Slot, extra: &[(&str, &str)]) -> Self {
        let install = Install::get();
        install.format(&slot.dir().join("data"));
        let mut properties = settings(&slot);
        for (name, value) in extra {
            let value = value
                .replace("{port}", &slot.port().to_string())
                .replace("{controller}", &slot.controller().to_string())
                .replace("{proxy}", &slot.proxy().to_string())
                .replace("{proxied}", &slot.proxied().to_string())
                .replace("{dir}", &slot.dir().display().to_string());
            properties.push_str(&format!("{name}={value}\n"));
        }
        fs::write(slot.dir().join("server.properties"), properties).expect("the target directory can be written");
        let kafka = Self { slot, process: Mutex::new(None) };
        kafka.restart();
        kafka
    }

    /// Its address, for `bootstrap.servers`.
    pub fn bootstrap(&self) -> String {
        format!("127.0.0.1:{}", self.slot.port())
    }

    /// Two ports that are kept free for a [`Proxy`](crate::proxy::Proxy): where it listens, and where it may lead to.
    pub fn proxy_ports(&self) -> (u16, u16) {
        (self.slot.proxy(), self.slot.proxied())
    }

    /// Where its log, its data and its `server.properties` are.
    pub fn dir(&self) -> &Path {
        self.slot.dir()
    }

    /// Starts it again after [`stop`](Self::stop) or [`kill`](Self::kill), with its data, and waits until it serves.
    ///
    /// # Panics
    /// It runs already, or does not start.
    pub fn restart(&self) {
        let mut running = self.running();
        assert!(running.is_none(), "the broker runs");
        let log = self.slot.dir().join("broker.log");
        let mut command = Install::get().java("512m");
        command.arg("kafka.Kafka").arg(self.slot.dir().join("server.properties"));
        let output = File::create(&log).expect("the target directory can be written");
        let errors = output.try_clone().expect("a file can be duplicated");
        let mut process = Process::spawn(&command, output, errors);
        let deadline = Instant::now() + START;
        while !fs::read_to_string(&log).unwrap_or_default().contains("Kafka Server started") {
            assert!(!process.has_ended(), "the broker did not start:\n{}", tail(&log));
            assert!(Instant::now() < deadline, "the broker did not start within {START:?}:\n{}", tail(&log));
            std::thread::sleep(Duration::from_millis(20));
        }
        *running = Some(process);
    }

    /// Stops it in good order (SIGTERM) and waits for its end. Its data stays.
    pub fn stop(&self) {
        let mut process = self.running().take().expect("the broker runs");
        process.signal("TERM");
        assert!(process.ends_within(STOP), "the broker did not stop within {STOP:?}");
    }

    /// Kills it (SIGKILL). Its data stays.
    pub fn kill(&self) {
        drop(self.running().take().expect("the broker runs"));
    }

    /// Halts it (SIGSTOP): connections stay open and nothing answers.
    pub fn pause(&self) {
        self.running().as_ref().expect("the broker runs").signal("STOP");
    }

    /// Lets it go on after [`pause`](Self::pause).
    pub fn resume(&self) {
        self.running().as_ref().expect("the broker runs").signal("CONT");
    }

    /// Runs one of Kafka's own tools against this broker and returns what it prints, for example
    /// `tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", ["--describe", "--all-groups"])`.
    ///
    /// # Panics
    /// The tool fails; what it said is in the message.
    pub fn tool<A: AsRef<OsStr>>(&self, class: &str, args: impl IntoIterator<Item = A>) -> String {
        let mut command = Install::get().java("256m");
        command.args([class, "--bootstrap-server", &self.bootstrap()]).args(args);
        process::output(&command)
    }

    /// The same for a tool that reads files and asks no broker.
    ///
    /// # Panics
    /// The tool fails; what it said is in the message.
    pub fn file_tool<A: AsRef<OsStr>>(&self, class: &str, args: impl IntoIterator<Item = A>) -> String {
        let mut command = Install::get().java("256m");
        command.arg(class).args(args);
        process::output(&command)
    }

    fn running(&self) -> MutexGuard<'_, Option<Process>> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Small, quick to start and, by its short session, quick to come back after a kill: a broker that died is let in again
/// only when its old session is over.
fn settings(slot: &Slot) -> String {
    let (port, controller, dir) = (slot.port(), slot.controller(), slot.dir().display());
    format!(
        "process.roles=broker,controller\n\
         node.id=1\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n\
         controller.listener.names=CONTROLLER\n\
         listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}\n\
         log.dirs={dir}/data\n\
         broker.session.timeout.ms=6000\n\
         broker.heartbeat.interval.ms=500\n\
         auto.create.topics.enable=false\n\
         group.initial.rebalance.delay.ms=0\n\
         group.min.session.timeout.ms=500\n\
         offsets.topic.num.partitions=4\n\
         offsets.topic.replication.factor=1\n\
         transaction.state.log.num.partitions=2\n\
         transaction.state.log.replication.factor=1\n\
         transaction.state.log.min.isr=1\n\
         share.coordinator.state.topic.num.partitions=1\n\
         share.coordinator.state.topic.replication.factor=1\n\
         share.coordinator.state.topic.min.isr=1\n\
         log.segment.bytes=134217728\n\
         log.cleaner.backoff.ms=200\n\
         log.cleaner.dedupe.buffer.size=16777216\n"
    )
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(30)..].join("\n")
}
