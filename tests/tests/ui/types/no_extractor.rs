use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Email {}

#[kafka_listener(topic = "email.send")]
async fn send_email(_: Email) {}

fn main() {}
