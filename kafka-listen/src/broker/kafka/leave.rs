//! The end of a group member, on a thread of its own: destroying a client waits for the last of its records, and for
//! brokers that may be away.

use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::native::client::GroupClient;
use super::native::event::Event;

/// How long a client may take to go before it is given up.
const PATIENCE: Duration = Duration::from_secs(10);

/// Leaves the group, if that was not done, and destroys the client. Returns at once.
#[expect(clippy::disallowed_methods, reason = "the count of an `Arc` tells nobody that it has fallen")]
pub(super) fn destroy(client: Arc<GroupClient>, group: String) {
    in_thread("kafka-listen-leave", move || {
        let (done, is_done) = mpsc::channel();
        in_thread("kafka-listen-destroy", move || {
            leave(&client);
            // Whoever lets go last waits for the client's records: never the thread that is dropping the consumer.
            while Arc::strong_count(&client) > 1 {
                thread::sleep(Duration::from_millis(1));
            }
            drop(client);
            // Fails if nobody waits any more.
            let _ = done.send(());
        });
        if is_done.recv_timeout(PATIENCE).is_err() {
            tracing::warn!(
                group,
                "a Kafka consumer could not be destroyed within {PATIENCE:?} and is left behind: a handler holds one \
                 of its records, or the brokers are away"
            );
        }
    });
}

/// Serves the client until it has left its group.
fn leave(client: &GroupClient) {
    if client.is_closed() || client.close().is_err() {
        return;
    }
    // Whoever was asked last did not answer; while a client leaves, this is the answer to everything.
    unassign(client);
    let step = Duration::from_millis(20);
    for _ in 0..PATIENCE.as_millis() / step.as_millis() {
        if client.is_closed() {
            return;
        }
        if let Some(Event::Assign(_) | Event::Revoke(_)) = client.poll(step) {
            unassign(client);
        }
    }
}

/// Fails only when there is nothing to be unassigned from.
fn unassign(client: &GroupClient) {
    if let Err(error) = client.unassign() {
        tracing::debug!(error, "nothing to unassign");
    }
}

fn in_thread(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(work) {
        tracing::warn!(%error, "a Kafka consumer is left behind: no thread to destroy it on");
    }
}
