use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", dlt = false, dlt_suffix = ".dead")]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
