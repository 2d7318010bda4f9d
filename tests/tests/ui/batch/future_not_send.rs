use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(max = 100))]
async fn send_all(_: Vec<&str>) {
    let local = std::rc::Rc::new(1);
    std::future::ready(()).await;
    drop(local);
}

fn main() {}
