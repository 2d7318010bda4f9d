//! Functions and parameters called like keywords.

use kafka_listen::prelude::*;

mod r#mod {
    use kafka_listen::prelude::*;

    #[kafka_listener(topic = "raw")]
    pub(super) async fn r#type(r#match: &str, _: &Delivery<'_>) {
        assert!(!r#match.is_empty());
    }
}

#[dlt_handler(r#mod::r#type)]
fn r#loop(_: &[u8]) {}
