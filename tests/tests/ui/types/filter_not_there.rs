use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", filter = filters::is_wanted)]
async fn send_email(_: &[u8]) {}

mod filters {}

fn main() {}
