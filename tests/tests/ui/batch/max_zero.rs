use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(max = 0))]
async fn send_all(_: Vec<&str>) {}

fn main() {}
