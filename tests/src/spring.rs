//! A Spring Boot application with listeners as users of Spring write them, built by Maven from `tests/interop` the first time and
//! driven over a socket. It is gone when the test process is gone.
//!
//! None of its containers starts by itself: a test says which topics Spring reads, and when.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::kept;
use crate::process::Process;
use crate::real_kafka::RealKafka;

/// How long the application may take to start, or to answer, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running application. Dropping it kills it.
pub struct Spring {
    wire: Mutex<Wire>,
    events: Arc<Mutex<Vec<Value>>>,
    _process: Process,
}

struct Wire {
    commands: TcpStream,
    answers: Receiver<Value>,
}

impl Spring {
    /// Builds it if need be, starts it on this broker, and waits until all topics of its listeners are there.
    ///
    /// # Panics
    /// It cannot be built, or does not start; the end of its log is in the message.
    pub fn start(kafka: &RealKafka) -> Self {
        let built = build();
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback interface has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let mut java = kept::java("256m", &[&built.join("classes"), &built.join("libs/*")]);
        java.arg("interop.Application").arg(format!("--test.port={port}"));
        java.arg(format!("--spring.kafka.bootstrap-servers={}", kafka.bootstrap()));
        let log = kafka.dir().join("spring.log");
        let output = File::create(&log).expect("the target directory can be written");
        let errors = output.try_clone().expect("a file can be duplicated");
        let mut process = Process::spawn(&java, output, errors);
        let commands = accept(&listener, &mut process, &log);
        let (events, ready) = (Arc::<Mutex<Vec<Value>>>::default(), mpsc::channel());
        let answers = read(&commands, events.clone(), ready.0);
        if ready.1.recv_timeout(PATIENCE).is_err() {
            panic!("the application did not start:\n{}", tail(&log));
        }
        Self { wire: Mutex::new(Wire { commands, answers }), events, _process: process }
    }

    /// Lets Spring read this topic, and those that the same container reads.
    pub fn listen(&self, topic: &str) {
        self.ask("start", topic);
    }

    /// Lets Spring leave off reading this topic.
    pub fn leave(&self, topic: &str) {
        self.ask("stop", topic);
    }

    /// The partitions of the topic that Spring has.
    pub fn assigned(&self, topic: &str) -> Vec<u64> {
        let partitions = self.ask("assigned", topic);
        partitions.as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
    }

    /// The attributes of an annotation, or the setters of a class.
    pub fn attributes(&self, class: &str) -> Vec<String> {
        serde_json::from_value(self.ask("attributes", class)).expect("names are texts")
    }

    /// What has happened of this kind in these topics and others that begin so.
    pub fn events(&self, kind: &str, topic: &str) -> Vec<Value> {
        let events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        let such =
            |event: &&Value| event["event"] == kind && event["topic"].as_str().is_some_and(|it| it.starts_with(topic));
        events.iter().filter(such).cloned().collect()
    }

    fn ask(&self, command: &str, subject: &str) -> Value {
        let mut wire = self.wire.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(wire.commands, "{command} {subject}").expect("the application runs");
        let answer = wire.answers.recv_timeout(PATIENCE);
        let mut answer = answer.unwrap_or_else(|error| panic!("{command} {subject}: {error}"));
        assert!(answer.get("failure").is_none(), "{command} {subject}: {answer}");
        answer["answer"].take()
    }
}

impl fmt::Debug for Spring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spring").finish_non_exhaustive()
    }
}

/// The directory with its classes and libraries.
fn build() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop");
    let mut sources = vec![fs::read_to_string(folder.join("pom.xml")).expect("it is there")];
    texts(&folder.join("src"), &mut sources);
    sources.sort();
    let sources: Vec<_> = sources.iter().map(String::as_str).collect();
    kept::once("spring", &sources, |dir| {
        kept::maven("interop", &["package", &format!("-Dinto={}", dir.display())]);
    })
}

fn texts(folder: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("a directory can be read").path();
        if path.is_dir() {
            texts(&path, into);
        } else {
            into.push(fs::read_to_string(&path).expect("a source is a text"));
        }
    }
}

fn accept(listener: &TcpListener, process: &mut Process, log: &Path) -> TcpStream {
    listener.set_nonblocking(true).expect("a socket can be set so");
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).expect("a socket can be set so");
            return stream;
        }
        assert!(!process.has_ended() && Instant::now() < deadline, "the application did not start:\n{}", tail(log));
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Sorts what comes in until the connection ends: answers are returned, the rest is remembered.
fn read(stream: &TcpStream, events: Arc<Mutex<Vec<Value>>>, ready: Sender<()>) -> Receiver<Value> {
    let lines = BufReader::new(stream.try_clone().expect("a socket can be duplicated")).lines();
    let (answer, answers) = mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            let line: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
            // Whoever waited for it may have given up.
            if line.get("event").is_none() {
                let _ = answer.send(line);
            } else if line["event"] == "ready" {
                let _ = ready.send(());
            } else {
                events.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        }
    });
    answers
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
