use kafka_listen::prelude::*;

fn classify(_: &String) -> Decision {
    Decision::DeadLetter
}

#[kafka_listener(topic = "email.send", batch(max = 100), classify = classify)]
async fn send_all(_: Vec<&str>) -> () {}

fn main() {}
