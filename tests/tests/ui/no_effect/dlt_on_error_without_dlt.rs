use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", dlt = false, dlt_on_error = "skip")]
async fn send_email(_: &[u8]) {}

fn main() {}
