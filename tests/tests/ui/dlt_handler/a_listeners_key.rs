use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(_: &Delivery<'_>) {}

#[dlt_handler(send_email, group = "email")]
async fn email_is_dead(_: &Delivery<'_>) {}

fn main() {}
