use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(max = 100))]
async fn send_all(_keys: Vec<Key<&str>>, _emails: Vec<&str>) {}

fn main() {}
