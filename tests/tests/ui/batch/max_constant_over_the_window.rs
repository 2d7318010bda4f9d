use kafka_listen::prelude::*;

const MAX: u32 = 5000;

#[kafka_listener(topic = "email.send", batch(max = MAX))]
async fn send_all(_: Vec<&str>) {}

fn main() {}
