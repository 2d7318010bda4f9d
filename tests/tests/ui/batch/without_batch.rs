use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Email {}

#[kafka_listener(topic = "email.send")]
async fn send_all(_emails: Vec<Json<Email>>, _keys: Vec<(Key<&str>, Timestamp)>, _body: Vec<u8>) {}

#[kafka_listener(topic = "email.other")]
async fn send_others(_: &str) {}

#[dlt_handler(send_others)]
async fn are_dead(_emails: Vec<Email>) {}

fn main() {}
