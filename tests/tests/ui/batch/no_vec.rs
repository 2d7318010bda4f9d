use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(max = 100, wait = "200ms"))]
async fn send_all(_email: Json<String>, _: Producer) {}

fn main() {}
