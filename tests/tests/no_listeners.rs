//! A program without a single listener: start-up says so, and what is usually the reason.

use kafka_listen::App;

#[tokio::test]
async fn no_listener_was_found() {
    let app = App::new().property("bootstrap.servers", "embedded:no-listeners").group("g");
    let error = app.start().await.expect_err("there is nothing to start").to_string();
    let expected = "the application cannot start:\n  - no listener was found: annotate a function with \
                    `#[kafka_listener(topic = \"…\")]`. If there is one in another crate, that crate may not be linked \
                    because nothing refers to it: `use my_listeners as _;` links it";
    assert_eq!(error, expected);
}
