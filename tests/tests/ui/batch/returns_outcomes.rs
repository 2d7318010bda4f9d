use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", batch(max = 100))]
async fn send_all(emails: Vec<&str>) -> Vec<Outcome> {
    emails.iter().map(|_| Outcome::Done).collect()
}

fn main() {}
