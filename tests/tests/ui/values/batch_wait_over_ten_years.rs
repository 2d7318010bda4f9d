use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(wait = "11years"))]
async fn send_email(_: Vec<&str>) {}

fn main() {}
