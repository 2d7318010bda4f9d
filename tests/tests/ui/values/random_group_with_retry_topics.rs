use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", group = "${random.uuid}", attempts = 5)]
async fn send_email(_: &Delivery<'_>) {}

fn main() {}
