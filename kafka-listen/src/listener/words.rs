//! Flags and words as texts, where a placeholder stands for them.

use super::definition::DltOnError;
use crate::broker::OffsetReset;
use crate::config::Parse;
use crate::engine::Order;
use crate::retry::{GroupNaming, SameDelay, Suffix};

/// One `Parse` for each enum whose variants are words.
macro_rules! words {
    ($($ty:ty: $wanted:literal, $($word:literal => $variant:ident),*;)*) => {
        $(impl Parse for $ty {
            const WANTED: &'static str = $wanted;

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }
        })*
    };
}

words! {
    Order: "order: write `partition`, `key` or `none`", "partition" => Partition, "key" => Key, "none" => None;
    Suffix: "kind of suffix: write `delay` or `index`", "delay" => Delay, "index" => Index;
    SameDelay: "way to share topics: write `single` or `multiple`", "single" => Single, "multiple" => Multiple;
    DltOnError: "way to go on: write `retry` or `skip`", "retry" => Retry, "skip" => Skip;
    GroupNaming: "way to name groups: write `role` or `per-topic`", "role" => Role, "per-topic" => PerTopic;
    OffsetReset: "place to begin: write `earliest`, `latest` or `error`",
        "earliest" => Earliest, "latest" => Latest, "error" => Error;
}
