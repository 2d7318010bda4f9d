//! A client whose drop waits for nothing: it is destroyed on a thread of its own. Its own threads have to end first, and whoever
//! drops it may be a task that nobody may hold up.

use std::ops::Deref;
use std::thread;

/// A client, until it is dropped.
pub(super) struct Elsewhere<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Elsewhere<T> {
    pub(super) fn new(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> Deref for Elsewhere<T> {
    type Target = T;

    #[expect(clippy::expect_used, reason = "it is there until `drop` takes it, and nothing is called after that")]
    fn deref(&self) -> &T {
        self.0.as_ref().expect("only `drop` takes it")
    }
}

impl<T: Send + 'static> Drop for Elsewhere<T> {
    fn drop(&mut self) {
        let client = self.0.take();
        in_thread("kafka-listen-destroy", move || drop(client));
    }
}

/// Does this on a thread of its own, which nobody waits for.
pub(super) fn in_thread(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(work) {
        tracing::warn!(%error, "a Kafka client is left behind: no thread to destroy it on");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;

    struct Client(Sender<thread::ThreadId>);

    impl Drop for Client {
        fn drop(&mut self) {
            self.0.send(thread::current().id()).unwrap();
        }
    }

    #[test]
    fn whoever_drops_a_client_does_not_destroy_it() {
        let (tell, told) = channel();
        drop(Elsewhere::new(Client(tell)));
        assert_ne!(told.recv().unwrap(), thread::current().id());
    }
}
