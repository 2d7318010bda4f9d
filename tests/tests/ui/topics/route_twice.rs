use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", dlt_route("validation"), dlt_route("validation"))]
async fn send_email(_: &[u8]) {}

fn main() {}
