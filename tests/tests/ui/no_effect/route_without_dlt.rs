use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", dlt = false, dlt_route("validation"))]
async fn send_email(_: &[u8]) {}

fn main() {}
