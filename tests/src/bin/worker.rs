//! A process that tests start, kill, stop and halt: a listener that writes a line before and after each delivery.
//!
//! A record's value is a number. One that is divisible by 10 always fails; one that leaves 1 fails twice. What a line is stands in
//! [`kafka_listen_tests::history`]; it is in the file before the delivery goes on, so it outlives a SIGKILL. Everything is
//! set by environment variables, see [`Settings`]: which chain, which runtime, where to die.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use kafka_listen::{Event, prelude::*};
use kafka_listen_tests::history::{Ending, Instant, Step, Told, now};

/// What the environment says.
#[derive(Clone)]
struct Settings {
    log: Arc<File>,
    /// How long a delivery takes.
    works: Duration,
    /// `WORKER_DIES=INSTANT[:NUMBER]`.
    dies: Option<(Instant, Option<u64>)>,
    /// `WORKER_PANICS=NUMBER`: there the handler panics, and that ends the process.
    panics: Option<u64>,
}

impl Settings {
    fn read() -> Result<Self, Box<dyn std::error::Error>> {
        let log = OpenOptions::new().create(true).append(true).open(variable("WORKER_LOG")?)?;
        let works = std::env::var("WORKER_WORKS_MS").map_or(Ok(2), |text| text.parse())?;
        let dies = std::env::var("WORKER_DIES").ok().map(|text| match text.split_once(':') {
            Some((instant, number)) => Ok::<_, Box<dyn std::error::Error>>((instant.parse()?, Some(number.parse()?))),
            None => Ok((text.parse()?, None)),
        });
        let panics = std::env::var("WORKER_PANICS").ok().map(|text| text.parse()).transpose()?;
        if panics.is_some() {
            std::panic::set_hook(Box::new(|_| std::process::abort()));
        }
        Ok(Self { log: Arc::new(log), works: Duration::from_millis(works), dies: dies.transpose()?, panics })
    }

    fn write(&self, step: Step) {
        // One write of one line: appends of several threads do not mix.
        (&*self.log).write_all(format!("{} {step}\n", now()).as_bytes()).expect("the log can be written");
    }

    fn reached(&self, instant: Instant, number: Option<u64>) {
        let Some((at, of)) = &self.dies else { return };
        if *at == instant && (of.is_none() || *of == number) {
            std::process::abort();
        }
    }

    async fn deliver(&self, value: &str, delivery: &Delivery<'_>, attempt: Attempt) -> Result<(), String> {
        let number: u64 = value.parse().expect("the test wrote a number");
        let told = told(number, delivery, attempt.number);
        self.write(Step::Begin(told.clone()));
        self.reached(Instant::Begun, Some(number));
        assert!(self.panics != Some(number), "told to panic at {number}");
        tokio::time::sleep(self.works).await;
        let fails = number.is_multiple_of(10) || number % 10 == 1 && attempt.number < 3 && !attempt.is_last();
        self.write(Step::End(told, if fails { Ending::Failed } else { Ending::Handled }));
        self.reached(if attempt.number == 1 { Instant::Ended } else { Instant::RetryEnded }, Some(number));
        if fails { Err(format!("{number} fails")) } else { Ok(()) }
    }

    fn dead(&self, value: &str, delivery: &Delivery<'_>) {
        let number: u64 = value.parse().expect("the test wrote a number");
        let told = told(number, delivery, 0);
        self.write(Step::Begin(told.clone()));
        self.write(Step::End(told, Ending::Dead));
        self.reached(Instant::Dead, Some(number));
    }

    fn observe(&self, event: &Event) {
        let instant = match event {
            Event::Assigned { partition, start, .. } => {
                self.write(Step::Assigned(partition.to_string(), *start));
                Instant::Assigned
            }
            Event::Revoked { partition, lost, cancelled, .. } => {
                self.write(Step::Revoked { partition: partition.to_string(), lost: *lost, cancelled: *cancelled });
                Instant::Revoked
            }
            Event::Retried { .. } => Instant::Retried,
            Event::DeadLettered { .. } => Instant::DeadLettered,
            other => {
                let text = format!("{other:?}").replace('\n', " ");
                return self.write(Step::Other(text));
            }
        };
        self.reached(instant, None);
    }
}

fn told(number: u64, delivery: &Delivery<'_>, attempt: u32) -> Told {
    let (topic, partition, offset) = (delivery.topic().to_string(), delivery.partition(), delivery.offset());
    Told { number, place: kafka_listen_tests::history::Place { topic, partition, offset }, attempt }
}

#[kafka_listener(
    id = "work",
    topic = "${worker.topic}",
    group = "${worker.group}",
    attempts = 4,
    backoff(delay = "${worker.delay}", multiplier = 2)
)]
async fn work(value: &str, delivery: &Delivery<'_>, attempt: Attempt, it: State<Settings>) -> Result<(), String> {
    it.0.deliver(value, delivery, attempt).await
}

#[dlt_handler(work)]
async fn dead(value: &str, delivery: &Delivery<'_>, State(it): State<Settings>) {
    it.dead(value, delivery);
}

/// The next version of `work`, with a shorter chain of the same names.
#[kafka_listener(
    id = "work",
    topic = "${worker.topic}",
    group = "${worker.group}",
    attempts = 3,
    backoff(delay = "${worker.delay}", multiplier = 2)
)]
async fn shorter(value: &str, delivery: &Delivery<'_>, attempt: Attempt, it: State<Settings>) -> Result<(), String> {
    it.0.deliver(value, delivery, attempt).await
}

#[dlt_handler(shorter)]
async fn shorter_is_dead(value: &str, delivery: &Delivery<'_>, State(it): State<Settings>) {
    it.dead(value, delivery);
}

/// Another version of `work`, with a suffix and delays of its own.
#[kafka_listener(
    id = "work",
    topic = "${worker.topic}",
    group = "${worker.group}",
    attempts = 4,
    backoff(delay = "${worker.delay}", multiplier = 3),
    retry_suffix = "-again"
)]
async fn other(value: &str, delivery: &Delivery<'_>, attempt: Attempt, it: State<Settings>) -> Result<(), String> {
    it.0.deliver(value, delivery, attempt).await
}

#[dlt_handler(other)]
async fn other_is_dead(value: &str, delivery: &Delivery<'_>, State(it): State<Settings>) {
    it.dead(value, delivery);
}

/// `work` with a lane for each key.
#[kafka_listener(
    id = "work",
    topic = "${worker.topic}",
    group = "${worker.group}",
    order = "key",
    concurrency = 20,
    attempts = 4,
    backoff(delay = "${worker.delay}", multiplier = 2)
)]
async fn keyed(value: &str, delivery: &Delivery<'_>, attempt: Attempt, it: State<Settings>) -> Result<(), String> {
    it.0.deliver(value, delivery, attempt).await
}

#[dlt_handler(keyed)]
async fn keyed_is_dead(value: &str, delivery: &Delivery<'_>, State(it): State<Settings>) {
    it.dead(value, delivery);
}

async fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let mut app = App::new()
        .property("bootstrap.servers", variable("WORKER_KAFKA")?)
        .property("worker.topic", variable("WORKER_TOPIC")?)
        .property("worker.group", variable("WORKER_GROUP")?)
        .property("worker.delay", variable("WORKER_DELAY")?);
    let properties = variable("WORKER_PROPERTIES").unwrap_or_default();
    if !properties.contains("group.protocol=consumer") {
        // A killed worker's partitions are free after this time; a busy machine must not make a living one seem dead.
        app = app.property("session.timeout.ms", "6000").property("heartbeat.interval.ms", "500");
    }
    // Whoever asked to join and has hung up since is waited for so long, by default five minutes.
    app = app.property("max.poll.interval.ms", "15000");
    // `NAME=VALUE NAME=VALUE …`
    for property in properties.split_whitespace() {
        let (name, value) = property.split_once('=').ok_or(property)?;
        app = app.property(name, value);
    }
    app = match std::env::var("WORKER_VERSION").as_deref() {
        Ok("shorter") => app.listener(shorter),
        Ok("other") => app.listener(other),
        Ok("keyed") => app.listener(keyed),
        _ => app.listener(work),
    };
    let observer = settings.clone();
    app = app.observer(move |event: &Event| observer.observe(event)).state(settings);
    Ok(app.run().await?)
}

fn variable(name: &str) -> Result<String, String> {
    std::env::var(name).map_err(|error| format!("{name}: {error}"))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "off".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let settings = Settings::read()?;
    std::thread::spawn(|| {
        // Held open by whoever started this process, as long as it lives.
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(1);
    });
    let mut runtime = match std::env::var("WORKER_RUNTIME").as_deref() {
        Ok("current_thread") => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    runtime.enable_all().build()?.block_on(run(settings))
}
