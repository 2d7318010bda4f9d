//! A place for one broker: four ports and a directory, ours alone as long as we live.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use crate::kept;

/// Ports are looked for from here on, below those that the system gives to outgoing connections: a client that
/// reconnects to a broker that is down could otherwise be given the broker's own port, and connect to itself.
const FIRST_PORT: u16 = 12_000;
/// How many ports are looked through.
const PORTS: u16 = 18_000;
/// The broker's port, its controller's, and two for a proxy: where it listens, and the listener that it leads to.
const PER_SLOT: u16 = 4;

/// Four ports and a directory.
#[derive(Debug)]
pub(super) struct Slot {
    port: u16,
    dir: PathBuf,
    /// Locked; the lock goes with this process, also when it is killed.
    _lock: File,
}

impl Slot {
    /// One that nobody uses. Other test processes of this target directory are kept off by a lock, those of another
    /// by beginning somewhere else.
    pub(super) fn free() -> Self {
        let mut hasher = DefaultHasher::new();
        kept::home().hash(&mut hasher);
        let begin = (hasher.finish() % u64::from(PORTS)) as u16;
        let candidates = (0..PORTS).map(|n| FIRST_PORT + (begin + n) % PORTS).filter(|port| port % PER_SLOT == 0);
        candidates.into_iter().find_map(Self::at).expect("some port of thousands is free")
    }

    /// The one with this port and the next three, with an empty directory; `None` if somebody has it.
    pub(super) fn at(port: u16) -> Option<Self> {
        let slots = kept::home().join("brokers");
        fs::create_dir_all(&slots).expect("the target directory can be written");
        let lock = File::create(slots.join(format!("{port}.lock"))).expect("the target directory can be written");
        lock.try_lock().ok()?;
        let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if !(port..port + PER_SLOT).all(free) {
            return None;
        }
        let dir = slots.join(port.to_string());
        if dir.exists() {
            fs::remove_dir_all(&dir).expect("the target directory can be written");
        }
        fs::create_dir(&dir).expect("the target directory can be written");
        Some(Self { port, dir, _lock: lock })
    }

    /// The broker's port.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Its controller's port.
    pub(super) fn controller(&self) -> u16 {
        self.port + 1
    }

    /// A proxy's port.
    pub(super) fn proxy(&self) -> u16 {
        self.port + 2
    }

    /// The port that a proxy leads to.
    pub(super) fn proxied(&self) -> u16 {
        self.port + 3
    }

    /// Its directory.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }
}
