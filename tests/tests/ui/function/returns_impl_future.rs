use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
fn send_email(_: &[u8]) -> impl Future<Output = ()> {
    std::future::ready(())
}

fn main() {}
