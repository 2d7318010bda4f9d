use kafka_listen::prelude::*;

const PATIENT: Settings = settings!(backoff(delay = "1m"));

#[kafka_listener(topic = "email.send", settings = PATIENT)]
async fn send_email(_: &[u8]) {}

fn main() {}
