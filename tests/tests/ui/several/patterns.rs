use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send", fatal(_), retry_on(Timeout), dlt_route(""), blocking(retry_on(_)))]
async fn send_email(_: &[u8]) -> Result<(), String> {
    Ok(())
}

fn main() {}
