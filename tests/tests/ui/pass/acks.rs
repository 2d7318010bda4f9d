//! Acks and cancellations, kept by the handler or handed on.

use std::time::Duration;

use kafka_listen::Needs;
use kafka_listen::prelude::*;

#[kafka_listener(topic = "acks.here")]
async fn here(text: &str, ack: Ack) {
    match text {
        "" => ack.dead_letter("empty"),
        "later" => ack.retry_after(Duration::from_secs(1)),
        "again" => ack.retry(),
        _ => ack.done(),
    }
}

#[kafka_listener(topic = "acks.elsewhere", order = "none", handler_timeout = "1m")]
async fn elsewhere(text: &str, ack: Ack, cancel: Cancel) -> Result<(), String> {
    if text.is_empty() {
        return Err("empty".to_owned());
    }
    tokio::spawn(async move {
        cancel.cancelled().await;
        ack.done();
    });
    Ok(())
}

#[kafka_listener(topic = "acks.plain")]
fn plain(cancel: Cancel, ack: Ack) -> Outcome {
    if cancel.is_cancelled() {
        ack.retry();
    } else {
        ack.done();
    }
    Outcome::Done
}

/// An extractor of a user's own that takes the ack.
struct Job<'d>(&'d str, Ack);

impl<'d> FromDelivery<'d> for Job<'d> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(Self(FromDelivery::from_delivery(delivery)?, FromDelivery::from_delivery(delivery)?))
    }

    fn needs(needs: &mut Needs) {
        <Ack as FromDelivery<'_>>::needs(needs);
    }
}

#[kafka_listener(topic = "acks.inside")]
async fn inside(Job(text, ack): Job<'_>) {
    if text.is_empty() { ack.retry() } else { ack.done() }
}
