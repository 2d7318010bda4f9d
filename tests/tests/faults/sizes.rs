//! Topics that refuse records for their size.

use std::sync::{Arc, Mutex};

use kafka_listen::{Event, prelude::*};
use kafka_listen_tests::history::check::Expected;
use kafka_listen_tests::history::{Step, broker};

use crate::rig::{PATIENCE, Rig, create_topic, produce, shared};

fn said(text: &str) -> impl Fn(&Step) -> bool {
    move |step| matches!(step, Step::Other(told) if told.starts_with(text))
}

/// The broker refuses a batch as a whole; each record of it would have fitted.
#[test]
fn copies_that_are_too_large_only_together_are_written_whole() {
    let rig = Rig::new(shared(), "together", 1).set("WORKER_PROPERTIES", "compression.codec=none");
    for suffix in ["-retry-100", "-retry-200", "-retry-400", "-dlt"] {
        create_topic(rig.kafka, &format!("together{suffix}"), 1, &[("max.message.bytes", "3000")]);
    }
    produce(&rig, (0..300).map(|number| number * 10));
    let worker = rig.start(&[("WORKER_WORKS_MS", "0")]);
    rig.until_over(300);
    assert_eq!(worker.count(said("Shrunk")), 0);
    worker.stop();
    rig.judge(&Expected::default());
}

#[kafka_listener(topic = "heavy", group = "heavy-group", attempts = 2, backoff(delay = 100))]
async fn refuse(value: &[u8]) -> Result<(), String> {
    Err(format!("{} bytes refused", value.len()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_its_dlt_does_not_take_leaves_at_least_its_place() {
    let topics = || {
        create_topic(shared(), "heavy", 1, &[]);
        create_topic(shared(), "heavy-dlt", 1, &[("max.message.bytes", "2000")]);
    };
    tokio::task::spawn_blocking(topics).await.unwrap();
    let shrunk = Arc::<Mutex<Vec<&'static str>>>::default();
    let telling = shrunk.clone();
    let running = App::new().property("bootstrap.servers", shared().bootstrap()).listener(refuse);
    let running = running.observer(move |event: &Event| {
        if let Event::Shrunk { what, .. } = event {
            telling.lock().unwrap().push(what);
        }
    });
    let running = running.start().await.unwrap();
    // Bytes that no compression makes less.
    let value: Vec<u8> = (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let sent = running.producer().to("heavy").key("k").bytes(value).send().await.unwrap();
    let dead = async {
        loop {
            let read = || broker::records(&shared().bootstrap(), &broker::topics(&shared().bootstrap(), "heavy-dlt"));
            if let Some(record) = tokio::task::spawn_blocking(read).await.unwrap().into_values().next() {
                return record;
            }
        }
    };
    let dead = tokio::time::timeout(PATIENCE, dead).await.unwrap();
    running.stop().await;
    let original = dead.original.unwrap();
    assert_eq!((original.topic.as_str(), original.partition, original.offset), ("heavy", sent.partition, sent.offset));
    assert_eq!((dead.value.len(), dead.key.as_deref()), (0, Some(&b"k"[..])));
    assert_eq!(shrunk.lock().unwrap().last(), Some(&"its value"));
}
