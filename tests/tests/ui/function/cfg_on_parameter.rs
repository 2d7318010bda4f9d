use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(#[cfg(unix)] _: &Delivery<'_>) {}

fn main() {}
