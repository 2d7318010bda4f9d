//! Listeners where tests like to have them: in a function, and in a function of that.

use kafka_listen::prelude::*;

#[test]
fn a_listener_of_one_test() {
    #[kafka_listener(topic = "inside")]
    async fn inside(_: &Delivery<'_>) {}

    #[dlt_handler(inside)]
    async fn dead(_: &Delivery<'_>) {
        #[kafka_listener(topic = "inside.deeper")]
        fn deeper(_: &Delivery<'_>) {}
    }
}

#[test]
fn the_same_names_in_another() {
    #[kafka_listener(topic = "inside.too")]
    async fn inside(_: &Delivery<'_>) {}

    #[dlt_handler(inside)]
    async fn dead(_: &Delivery<'_>) {}
}
