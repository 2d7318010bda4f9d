//! More parameters than a tuple has implementations for.

use kafka_listen::prelude::*;

type A = Attempt;

#[kafka_listener(topic = "many")]
#[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
async fn handler(
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
    _: A,
) {
}
