//! Listeners that a user's own macro writes.

use kafka_listen::prelude::*;

macro_rules! listener {
    ($name:ident, $topic:literal, $attempts:expr, $payload:ty) => {
        #[kafka_listener(topic = $topic, attempts = $attempts, backoff(delay = "1s"))]
        async fn $name(payload: Json<$payload>, _: &Delivery<'_>) -> Result<(), String> {
            let _ = payload;
            Ok(())
        }
    };
}

listener!(numbers, "macro.numbers", 3, Vec<u64>);
listener!(texts, "macro.texts", 1 + 1, (String, &str));

macro_rules! dead {
    ($name:ident of $listener:path) => {
        #[dlt_handler($listener)]
        fn $name(_: &[u8]) {}
    };
}

dead!(numbers_are_dead of numbers);
dead!(texts_are_dead of self::texts);
