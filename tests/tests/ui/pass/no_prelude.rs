//! A module without the standard library's names.
#![no_implicit_prelude]

#[::kafka_listen::kafka_listener(topic = "no.prelude", attempts = 3, backoff(delay = "1s"))]
async fn handler(_: ::kafka_listen::Json<()>) -> ::std::result::Result<(), ::std::string::String> {
    ::std::result::Result::Ok(())
}

#[::kafka_listen::dlt_handler(handler)]
fn dead(_: &[u8]) {}
