use kafka_listen::prelude::*;

const BY_KEY: Settings = settings!(order = "key");

#[kafka_listener(topic = "email.send", settings = BY_KEY, batch(max = 10))]
async fn send_email(_: Vec<&[u8]>) {}

fn main() {}
