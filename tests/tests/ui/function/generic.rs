use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email<T>(_: Json<T>) {}

fn main() {}
