use kafka_listen::prelude::*;

struct Email {}

#[kafka_listener(topic = "email.send")]
async fn send_email(_: Json<Email>) {}

fn main() {}
