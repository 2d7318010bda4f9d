//! `filter`: the path of any function that judges a delivery, generic ones and closures in constants included.

use kafka_listen::prelude::*;

fn is_wanted(delivery: &Delivery<'_>) -> bool {
    delivery.headers().get("x-tenant").is_some()
}

mod wanted {
    use super::*;

    pub(super) fn has<const LENGTH: usize>(delivery: &Delivery<'_>) -> bool {
        delivery.value().is_some_and(|value| value.len() == LENGTH)
    }

    pub(super) const ALL: fn(&Delivery<'_>) -> bool = |_| true;
}

#[kafka_listener(topic = "filtered", filter = is_wanted)]
async fn by_a_function(_: &[u8]) {}

#[kafka_listener(topic = "filtered.by.length", filter = wanted::has::<3>)]
fn by_a_generic_function(_: &[u8]) {}

#[kafka_listener(topic = "filtered.by.nothing", filter = wanted::ALL)]
async fn by_a_constant(_: &[u8]) {}
