use kafka_listen::prelude::*;

struct Mailer;

impl Mailer {
    #[kafka_listener(topic = "email.send")]
    async fn send_email(_: &Delivery<'_>) {}
}

fn main() {
    let _ = Mailer::send_email;
}
