//! Batches in every form that a handler can take and return them.

use std::error::Error;
use std::sync::Arc;

use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Mail<'m> {
    #[allow(dead_code)]
    to: &'m str,
}

const LARGEST: u32 = 50;

fn judge(_: &String) -> Decision {
    Decision::DeadLetter
}

#[kafka_listener(topic = "batch.a", batch(max = 100, wait = "200ms"))]
async fn borrowing(_mails: Vec<(Key<&str>, Json<Mail<'_>>)>, State(_): State<Arc<str>>) {
    std::future::ready(()).await;
}

#[kafka_listener(topic = "batch.b", batch(max = LARGEST, wait = "${WAIT:1s}"), order = "none", classify = judge)]
async fn each(texts: Vec<&str>, cancel: Cancel) -> Vec<Result<(), String>> {
    std::future::ready(cancel).await;
    vec![Ok(()); texts.len()]
}

#[kafka_listener(topic = "batch.c", batch(wait = 0), concurrency = 2, handler_timeout = "10s", classify = judge)]
async fn all(_: Vec<Result<(&Delivery<'_>, Option<&str>), Rejection>>, _: Producer) -> Result<(), String> {
    Ok(())
}

#[kafka_listener(topic = "batch.d", batch(max = "${MAX:10}"))]
fn plain(values: std::vec::Vec<&[u8]>, _: Option<State<u8>>) -> Result<(), Box<dyn Error + Send + Sync>> {
    if values.is_empty() { Err("no values".into()) } else { Ok(()) }
}

macro_rules! listener {
    ($name:ident, $topic:literal, $items:ty) => {
        #[kafka_listener(topic = $topic, batch(max = 5))]
        async fn $name(_: $items) {}
    };
}

listener!(from_macro_rules, "batch.e", Vec<(Offset, Timestamp, Headers<'_>, Bytes)>);
