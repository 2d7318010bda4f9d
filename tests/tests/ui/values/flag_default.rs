use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", dlt = "${DLT:off}")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
