use kafka_listen::prelude::*;

#[kafka_listener(topc = "email.send")]
unsafe fn send_email<T>(_: Json<T>) {}

fn main() {}
