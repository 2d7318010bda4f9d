use kafka_listen::prelude::*;

mod mail {
    use kafka_listen::prelude::*;

    #[kafka_listener(topic = "email.send")]
    async fn send_email(_: &Delivery<'_>) {}
}

#[dlt_handler(mail::send_email)]
async fn email_is_dead(_: &Delivery<'_>) {}

fn main() {}
