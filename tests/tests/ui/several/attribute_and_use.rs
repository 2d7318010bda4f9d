use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", attempts = 0)]
async fn send_email(_: &Delivery<'_>) {}

async fn by_hand(delivery: &Delivery<'_>) {
    // The function is still there, whatever is wrong with its attribute.
    send_email(delivery).await;
    let _ = by_hand;
}

fn main() {}
