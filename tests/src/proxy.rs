//! A way to a broker that can lose answers, hold things back and be cut: bytes go through, whole requests and answers at a time.
//!
//! The broker advertises the proxy's address on a listener of its own, so that clients never find a way around it.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What a request asks for, by Kafka's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// Write records.
    Produce,
    /// Commit offsets.
    OffsetCommit,
}

impl Api {
    fn of(number: i16) -> Option<Self> {
        match number {
            0 => Some(Self::Produce),
            8 => Some(Self::OffsetCommit),
            _ => None,
        }
    }
}

/// What is done to requests of one kind, and to their answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// They wait here, and the broker never sees them, until the rule goes.
    HoldRequests,
    /// The broker does what they ask for, and the answers wait here.
    HoldAnswers,
    /// The broker does what so many of them ask for, and instead of the answer the connection ends.
    LoseAnswers(usize),
}

/// A running proxy; connections end when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    state: Arc<State>,
    port: u16,
}

#[derive(Debug, Default)]
struct State {
    rules: Mutex<Rules>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Rules {
    of: HashMap<Api, Rule>,
    open: Vec<(TcpStream, TcpStream)>,
    lost: usize,
    held: usize,
    ended: bool,
}

impl Proxy {
    /// Listens on `port` and passes on to `broker`, both on 127.0.0.1.
    ///
    /// # Panics
    /// The port is taken.
    pub fn start(port: u16, broker: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).expect("the proxy's port is free");
        let state = Arc::<State>::default();
        let proxy = Self { state: state.clone(), port };
        thread::spawn(move || {
            for client in listener.incoming() {
                if state.lock().ended {
                    return;
                }
                // A broker that is away refuses; so does the proxy, by closing.
                if let (Ok(client), Ok(broker)) = (client, TcpStream::connect(("127.0.0.1", broker))) {
                    let _ = connect(&state, client, broker);
                }
            }
        });
        proxy
    }

    /// Sets a rule; the one before it goes.
    pub fn set(&self, api: Api, rule: Rule) {
        self.state.lock().of.insert(api, rule);
        self.state.changed.notify_all();
    }

    /// Ends all rules; what waits goes on.
    pub fn heal(&self) {
        self.state.lock().of.clear();
        self.state.changed.notify_all();
    }

    /// Ends every connection that there is now; clients may connect again.
    pub fn cut(&self) {
        for (client, broker) in std::mem::take(&mut self.state.lock().open) {
            close(&client, &broker);
        }
    }

    /// How many answers were lost.
    pub fn lost(&self) -> usize {
        self.state.lock().lost
    }

    /// How many requests and answers were held back.
    pub fn held(&self) -> usize {
        self.state.lock().held
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut rules = self.state.lock();
        rules.ended = true;
        rules.of.clear();
        drop(rules);
        self.state.changed.notify_all();
        // Wakes the one that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as this rule stands.
    fn hold(&self, api: Api, rule: Rule) {
        let mut rules = self.lock();
        if rules.of.get(&api) == Some(&rule) {
            rules.held += 1;
        }
        while rules.of.get(&api) == Some(&rule) {
            rules = self.changed.wait(rules).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether this answer is to be lost.
    fn loses(&self, api: Api) -> bool {
        let mut rules = self.lock();
        let Some(Rule::LoseAnswers(left)) = rules.of.get_mut(&api).filter(|rule| **rule != Rule::LoseAnswers(0)) else {
            return false;
        };
        *left -= 1;
        rules.lost += 1;
        true
    }
}

/// Two threads for each connection: requests one way, answers the other. They know each other's requests by their
/// correlation ids.
fn connect(state: &Arc<State>, client: TcpStream, broker: TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    broker.set_nodelay(true)?;
    let asked = Arc::<Mutex<HashMap<i32, Api>>>::default();
    let (to_broker, to_client) = (broker.try_clone()?, client.try_clone()?);
    let (asked_too, state_too) = (asked.clone(), state.clone());
    state.lock().open.push((client.try_clone()?, broker.try_clone()?));
    thread::spawn(move || {
        let ends = (client, to_broker);
        let _ = pass(&ends.0, &ends.1, |frame| {
            // Size, then the kind of request, its version, its correlation id.
            let Some(api) = Api::of(i16::from_be_bytes([frame[0], frame[1]])) else { return true };
            let id = i32::from_be_bytes([frame[4], frame[5], frame[6], frame[7]]);
            asked.lock().unwrap_or_else(PoisonError::into_inner).insert(id, api);
            state_too.hold(api, Rule::HoldRequests);
            true
        });
        close(&ends.0, &ends.1);
    });
    let state = state.clone();
    thread::spawn(move || {
        let ends = (broker, to_client);
        let _ = pass(&ends.0, &ends.1, |frame| {
            let id = i32::from_be_bytes([frame[0], frame[1], frame[2], frame[3]]);
            let api = asked_too.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            let Some(api) = api else { return true };
            state.hold(api, Rule::HoldAnswers);
            !state.loses(api)
        });
        close(&ends.0, &ends.1);
    });
    Ok(())
}

/// Passes whole frames on, as long as `may` says so.
fn pass(mut from: &TcpStream, mut to: &TcpStream, may: impl Fn(&[u8]) -> bool) -> io::Result<()> {
    loop {
        let mut size = [0; 4];
        from.read_exact(&mut size)?;
        let mut frame = vec![0; u32::from_be_bytes(size) as usize];
        from.read_exact(&mut frame)?;
        if frame.len() >= 8 && !may(&frame) {
            return Ok(());
        }
        to.write_all(&size)?;
        to.write_all(&frame)?;
    }
}

fn close(one: &TcpStream, other: &TcpStream) {
    // Either may be closed already.
    let _ = one.shutdown(Shutdown::Both);
    let _ = other.shutdown(Shutdown::Both);
}
