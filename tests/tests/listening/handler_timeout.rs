//! `handler_timeout`: a handler that takes too long is cancelled, and has failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;
use kafka_listen::{Event, FailureKind};

use crate::support::{Notes, millis, seconds, send, times};

/// Counts those that are alive.
#[derive(Clone, Default)]
struct Alive(Arc<AtomicUsize>);

struct Life(Alive);

impl Alive {
    fn begin(&self) -> Life {
        self.0.fetch_add(1, Ordering::SeqCst);
        Life(self.clone())
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = "1s"), handler_timeout = "5s")]
async fn limited(text: &str, State(alive): State<Alive>, State(notes): State<Notes>) {
    let _life = alive.begin();
    match text {
        "hang" => std::future::pending().await,
        millis => tokio::time::sleep(self::millis(millis.parse().unwrap())).await,
    }
    notes.add(text);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_is_cancelled_and_fails_and_its_lane_goes_on() {
    let (mut kafka, alive, notes) = (TestKafka::new(), Alive::default(), Notes::default());
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(limited).state(alive.clone()).state(notes.clone())).await.unwrap();
    for text in ["hang", "4999", "5001"] {
        send(&kafka, "t", 0, text).await;
    }
    kafka.advance(millis(4990)).await;
    assert_eq!(alive.count(), 1);
    kafka.settle().await;
    assert_eq!(notes.all(), ["4999"]);
    assert_eq!(times(&kafka, "t"), [5000, 9999, 14_999]);
    assert_eq!(times(&kafka, "t-retry"), [11_000, 20_999], "a failure like another: due a second after it");
    assert_eq!((kafka.dead_letters("t").len(), alive.count()), (2, 0));
    let told = |event: &Event| match event {
        Event::DeadLettered { failure, .. } => Some((failure.kind, failure.message.clone())),
        _ => None,
    };
    let message = "the handler took longer than its `handler_timeout`, 5s, and was cancelled";
    assert_eq!(kafka.events().iter().find_map(told), Some((FailureKind::Timeout, message.to_owned())));
}

#[kafka_listener(topic = "t", blocking(attempts = 2), handler_timeout = "${LIMIT:1s}")]
async fn late() -> Result<(), String> {
    struct Explosive;
    impl Drop for Explosive {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let _explosive = Explosive;
    std::future::pending().await
}

#[tokio::test(start_paused = true)]
async fn one_that_panics_when_it_is_cancelled_takes_nothing_along() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(kafka.app().listener(late)).await.unwrap();
    send(&kafka, "t", 0, "x").await;
    send(&kafka, "t", 0, "y").await;
    kafka.settle().await;
    assert_eq!(times(&kafka, "t"), [1000, 2000, 3000, 4000], "twice in place, each");
    assert_eq!(kafka.dead_letters("t").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_a_stop_and_no_failure() {
    let (mut kafka, alive, notes) = (TestKafka::new(), Alive::default(), Notes::default());
    kafka.create_topic("t", 1);
    let app = kafka.app().listener(limited).state(alive.clone()).state(notes.clone()).drain(seconds(1));
    kafka.start(app).await.unwrap();
    send(&kafka, "t", 0, "hang").await;
    kafka.advance(seconds(1)).await;
    kafka.stop().await;
    assert_eq!((kafka.deliveries().len(), alive.count()), (0, 0));
    assert_eq!(kafka.cluster().committed("test", "t", 0), Some(0));
}

#[tokio::test(start_paused = true)]
async fn no_time_at_all_is_refused_at_start_up() {
    let kafka = TestKafka::new();
    let error = kafka.app().listener(late).property("LIMIT", "0").start().await.err().unwrap().to_string();
    let told = "`handler_timeout` (`${LIMIT}` from `App::property`): no handler could end in no time";
    assert!(error.contains(told), "{error}");
}
