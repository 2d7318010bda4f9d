use kafka_listen::prelude::*;

const QUICK: Settings = settings!(handler_timeout = "1s");

#[kafka_listener(topic = "email.send", settings = QUICK)]
fn send_email(_: &[u8]) {}

fn main() {}
