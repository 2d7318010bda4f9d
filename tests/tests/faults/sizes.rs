//! Topics that refuse records for their size.

use kafka_listen_tests::history::Step;
use kafka_listen_tests::history::check::Expected;

use crate::rig::{Rig, create_topic, produce, shared};

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
