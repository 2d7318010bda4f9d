use kafka_listen::prelude::*;

#[kafka_listener(topic = "email.send")]
struct SendEmail;

const _: SendEmail = SendEmail;

fn main() {}
