use kafka_listen::prelude::*;

fn is_wanted(delivery: &Delivery<'_>) -> Option<()> {
    delivery.key().map(drop)
}

#[kafka_listener(topic = "email.send", filter = is_wanted)]
async fn send_email(_: &[u8]) {}

fn main() {}
