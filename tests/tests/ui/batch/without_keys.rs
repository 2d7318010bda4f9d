use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch)]
async fn send_all(_: Vec<&str>) {}

fn main() {}
