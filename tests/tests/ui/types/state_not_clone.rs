use kafka_listen::prelude::*;

struct Smtp;

#[kafka_listener(topic = "email.send")]
async fn send_email(_: State<Smtp>) {}

fn main() {}
