use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
async fn send_email(_: &[u8]) {
    let counted = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(counted);
}

fn main() {}
