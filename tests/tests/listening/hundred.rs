//! A hundred listeners are three members: one for their topics, one for all retries, one for all dead letters.

use kafka_listen::testing::TestKafka;

use crate::hundred_listeners::{Seen, TOPICS, all};
use crate::support::send;

#[tokio::test(start_paused = true)]
async fn a_hundred_listeners_with_four_retry_topics_are_three_members() {
    let (mut kafka, seen) = (TestKafka::new(), Seen::default());
    TOPICS.iter().for_each(|topic| kafka.create_topic(topic, 1));
    kafka.start(all(kafka.app()).state(seen.clone())).await.unwrap();
    for topic in TOPICS {
        send(&kafka, topic, 0, "fail").await;
    }
    kafka.settle().await;
    assert_eq!(seen.lock().unwrap().len(), 600, "each was delivered five times, and is dead");
    for group in ["hundred", "hundred-retry", "hundred-dlt"] {
        assert_eq!(kafka.cluster().members(group).len(), 1, "{group}");
    }
}
