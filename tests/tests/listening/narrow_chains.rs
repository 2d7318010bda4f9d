//! Chains with fewer partitions than their source: made so, or left behind when the source got more.

use std::collections::{BTreeMap, BTreeSet};

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{header, seconds, send};

#[kafka_listener(topic = "t", attempts = 3)]
async fn fails() -> Result<(), String> {
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn records_of_partitions_that_a_chain_does_not_have_go_through_it_by_their_key() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 3);
    kafka.create_topic("t-retry", 2);
    kafka.create_topic("t-dlt", 1);
    kafka.start(kafka.app().listener(fails)).await.unwrap();
    for number in 0..30 {
        kafka.producer().to("t").partition(number % 3).key(format!("{}", number % 5)).text("x").send().await.unwrap();
    }
    kafka.settle().await;
    assert_eq!(kafka.dead_letters("t").len(), 30);
    assert_eq!(kafka.lag("test", "t") + kafka.lag("test-retry", "t-retry"), 0);
    let mut places = BTreeMap::<_, BTreeSet<_>>::new();
    for partition in 0..2 {
        for record in kafka.cluster().records("t-retry", partition) {
            let from = header(&record.headers, "kafka_original-partition").unwrap()[3];
            let of = (from, (from == 2).then(|| record.key.clone()));
            places.entry(of).or_default().insert(partition);
        }
    }
    assert_eq!((&places[&(0, None)], &places[&(1, None)]), (&[0].into(), &[1].into()), "those that are there");
    let by_key: Vec<_> = places.range((2, None)..).map(|(_, partitions)| partitions).collect();
    assert!(by_key.len() == 5 && by_key.iter().all(|partitions| partitions.len() == 1), "{places:?}");
    assert!(by_key.iter().any(|it| it.contains(&0)) && by_key.iter().any(|it| it.contains(&1)), "{places:?}");
}

#[tokio::test(start_paused = true)]
async fn a_partition_that_is_added_uses_the_chain_that_is_there() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(fails)).await.unwrap();
    kafka.advance(seconds(1)).await;
    kafka.cluster().create_partitions("t", 2).unwrap();
    kafka.advance(seconds(1)).await;
    send(&kafka, "t", 1, "x").await;
    kafka.settle().await;
    assert_eq!((kafka.cluster().partitions("t-dlt"), kafka.dead_letters("t").len()), (Some(1), 1));
    assert_eq!(kafka.lag("test", "t"), 0);
}
