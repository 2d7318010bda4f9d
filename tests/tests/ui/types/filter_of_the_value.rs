use kafka_listen::prelude::*;

fn is_wanted(email: &str) -> bool {
    !email.is_empty()
}

#[kafka_listener(topic = "email.send", filter = is_wanted)]
async fn send_email(_: &[u8]) {}

fn main() {}
