use kafka_listen::prelude::*;

struct Mailer;

impl Mailer {
    #[kafka_listener(topic = "email.send")]
    async fn send_email(&self, _: &[u8]) {}
}

fn main() {
    let _ = Mailer::send_email;
}
