use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 3, backoff(multiplier = 2), dlt_suffix = "-1000", dlt_route("retry"))]
async fn send_email(_: &[u8]) {}

fn main() {}
