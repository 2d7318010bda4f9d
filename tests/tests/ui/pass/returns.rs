//! What a handler may return.

use std::error::Error;
use std::io;

use kafka_listen::prelude::*;

type Done = Result<(), Box<dyn Error + Send + Sync>>;

#[kafka_listener(topic = "returns.nothing")]
async fn nothing() {}

#[kafka_listener(topic = "returns.unit")]
#[allow(clippy::unused_unit)]
async fn unit() -> () {}

#[kafka_listener(topic = "returns.text")]
async fn text() -> Result<(), String> {
    Err("no".to_owned())
}

#[kafka_listener(topic = "returns.static.text")]
async fn static_text() -> Result<(), &'static str> {
    Err("no")
}

#[kafka_listener(topic = "returns.alias")]
async fn alias() -> Done {
    Ok(())
}

#[kafka_listener(topic = "returns.io")]
fn another_crates_alias() -> io::Result<()> {
    Ok(())
}
