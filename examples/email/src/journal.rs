//! Prints what happens, with the time since the first thing that happened.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use kafka_listen::Attempt;
use tokio::sync::Notify;

use crate::Email;
use crate::smtp::SendError;

/// What happened so far. Cheap to clone; all clones are one journal.
#[derive(Clone, Default)]
pub struct Journal(Arc<Shared>);

#[derive(Default)]
struct Shared {
    entries: Mutex<Entries>,
    changed: Notify,
}

/// The counts of what happened.
#[derive(Clone, Default)]
pub struct Entries {
    begin: Option<Instant>,
    /// E-mails that were sent.
    pub sent: usize,
    /// When deliveries failed, in seconds since the begin.
    pub failed_at: Vec<f64>,
    /// Alerts that were raised.
    pub alerts: usize,
}

impl Journal {
    /// A delivery ended.
    pub fn delivered(&self, topic: &str, attempt: Attempt, email: &Email, result: &Result<(), SendError>) {
        let what = result.as_ref().map_or_else(ToString::to_string, |()| "sent".to_owned());
        self.write(|entries, at| {
            let Attempt { number, of, .. } = attempt;
            println!("{at:6.2} s  {topic:<22} {number} of {of}  {:<19} {what}", email.to);
            match result {
                Ok(()) => entries.sent += 1,
                Err(_) => entries.failed_at.push(at),
            }
        });
    }

    /// Somebody was alerted.
    pub fn alerted(&self, alert: &str) {
        self.write(|entries, at| {
            println!("{at:6.2} s  alert: {alert}");
            entries.alerts += 1;
        });
    }

    /// Waits until so much has happened.
    pub async fn reaches(&self, enough: impl Fn(&Entries) -> bool) -> Entries {
        loop {
            let changed = self.0.changed.notified();
            let entries = self.entries().clone();
            if enough(&entries) {
                return entries;
            }
            changed.await;
        }
    }

    fn write(&self, write: impl FnOnce(&mut Entries, f64)) {
        let mut entries = self.entries();
        let at = entries.begin.get_or_insert_with(Instant::now).elapsed().as_secs_f64();
        write(&mut entries, at);
        self.0.changed.notify_waiters();
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.0.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
