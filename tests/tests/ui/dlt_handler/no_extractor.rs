use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(_: &Delivery<'_>) {}

#[dlt_handler(send_email)]
async fn email_is_dead(_: Box<u8>) {}

fn main() {}
