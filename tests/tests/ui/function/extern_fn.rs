use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
extern "C" fn send_email(_: &Delivery<'_>) {}

fn main() {}
