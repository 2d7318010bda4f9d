//! What is wrong with a listener of batches, and is known only at the start.

use kafka_listen::prelude::*;
use kafka_listen::{Needs, testing::TestKafka};

/// Takes the record's ack without a word of it in its name.
struct Hidden;

impl<'d> FromDelivery<'d> for Hidden {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ack::from_delivery(delivery).map(|ack| {
            ack.done();
            Self
        })
    }

    fn needs(needs: &mut Needs) {
        needs.ack();
    }
}

#[kafka_listener(topic = "t", order = "${batch.order}", batch(max = "${batch.max}"))]
async fn everything_wrong(_: Vec<(Hidden, State<u64>)>, _: State<u32>) {}

#[tokio::test(start_paused = true)]
async fn all_of_it_is_told_at_once_with_what_to_write() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let app = kafka.app().listener(everything_wrong).property("batch.order", "key").property("batch.max", "5000");
    let error = kafka.start(app).await.unwrap_err().to_string();
    for told in [
        "`order`",
        "`key` is not for batches, which hold records of many keys: leave it out",
        "`batch(max)`",
        "write 1 to 4096",
        "takes the record's `Ack`, which a listener with `batch` does not have",
        "needs a state that the application does not have: give it one with `.state(…)` of type `u64`",
        "of type `u32`",
    ] {
        assert!(error.contains(told), "{told}\n\n{error}");
    }
}
