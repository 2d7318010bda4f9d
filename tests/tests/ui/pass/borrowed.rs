//! Parameters that borrow from the record.

use std::borrow::Cow;

use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Mail<'m> {
    to: &'m str,
    #[serde(borrow)]
    subject: Cow<'m, str>,
}

/// An extractor that borrows.
struct First<'d>(&'d u8);

impl<'d> FromDelivery<'d> for First<'d> {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        let first = delivery.value().and_then(|value| value.first());
        first.map(First).ok_or_else(|| Rejection::missing("the value is empty"))
    }
}

#[allow(clippy::too_many_arguments)]
#[kafka_listener(topic = "borrowed")]
async fn across_an_await(
    Json(mail): Json<Mail<'_>>,
    key: Key<&str>,
    text: &str,
    bytes: &[u8],
    tombstone: Option<&[u8]>,
    First(first): First<'_>,
    rejected: Result<Key<&str>, Rejection>,
    headers: Headers<'_>,
    delivery: &Delivery<'_>,
    #[header("x-tenant")] tenant: &str,
) -> Result<(), String> {
    std::future::ready(()).await;
    let _ = (key, text, bytes, tombstone, first, rejected, headers, delivery, tenant);
    Err(format!("{} {}", mail.to, mail.subject))
}

#[allow(elided_lifetimes_in_paths)]
#[kafka_listener(topic = "borrowed.unsaid")]
fn lifetimes_left_out(_: Json<Mail>, _: First, _: &Delivery, _: Headers) {}

#[kafka_listener(topic = "borrowed.functions")]
async fn lifetimes_of_other_things(_: State<fn(&str) -> &str>, _: State<&'static str>) {}
