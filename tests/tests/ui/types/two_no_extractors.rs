use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Email {}

#[kafka_listener(topic = "email.send")]
async fn send_email(_: Email, _: &Delivery<'_>, _: Box<Email>) {}

fn main() {}
