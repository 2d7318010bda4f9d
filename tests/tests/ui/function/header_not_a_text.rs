use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(#[header(x_tenant)] _: &str) {}

fn main() {}
