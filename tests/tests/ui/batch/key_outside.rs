use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(max = 100), wait = "1s")]
async fn send_all(_: Vec<&str>) {}

fn main() {}
