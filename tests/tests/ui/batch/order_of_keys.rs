use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", order = "key", batch(max = 100))]
async fn send_all(_: Vec<&str>) {}

fn main() {}
