use kafka_listen::prelude::*;

const PATIENT: Settings = settings!(topic = "email.send", attempts = 5);

#[kafka_listener(topic = "email.send", settings = PATIENT)]
async fn send_email(_: &[u8]) {}

fn main() {}
