use kafka_listen::prelude::*;

fn judge(_: &String) -> Decision {
    Decision::DeadLetter
}

#[kafka_listener(topic = "email.send", classify = judge)]
async fn send_email(_: &[u8]) -> Outcome {
    Outcome::Done
}

fn main() {}
