use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(max = 100))]
async fn send_all(_emails: Vec<&str>, _limit: u32) {}

fn main() {}
