use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Email {}

#[kafka_listener(topic = "email.send", batch(max = 100))]
async fn send_all(_emails: Vec<(Key<&str>, Email)>) {}

fn main() {}
