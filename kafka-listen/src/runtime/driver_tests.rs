//! A driver behind a consumer that tells what a test wants.

use super::*;
use crate::broker::{BoxFuture, Full, Receipt, Room, Wake};
use crate::engine::{Limits, Order, Role, Settings, Source};
use crate::listener::Call;
use crate::outcome::Outcome;
use crate::producer::Producer;
use crate::record::{Assigned, Outgoing, Record, TopicName};
use crate::retry::{Chain, EndKind, InPlace, Naming, Policy, Rules};

/// Tells these things, at the next poll.
struct Telling(Vec<ConsumerEvent>);

impl Consumer for Telling {
    fn poll(&mut self, events: &mut Vec<ConsumerEvent>) {
        events.append(&mut self.0);
    }

    fn wake_at(&self) -> Option<Timestamp> {
        None
    }

    fn take(&mut self, _: AssignmentId, _: Room, _: &mut Vec<Record>) -> Taken {
        Taken::Drained
    }

    fn rest(&mut self, _: AssignmentId) {}

    fn position(&mut self, _: AssignmentId) -> Option<i64> {
        None
    }

    fn commit(&mut self, _: &[(AssignmentId, i64)]) {}

    fn release(&mut self, _: &[AssignmentId]) {}

    fn subscribe(&mut self, _: &[(TopicName, crate::broker::OffsetReset)]) {}

    fn close(&mut self) {}
}

/// Takes no record.
struct NoPort;

impl ProducerPort for NoPort {
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full> {
        Err(Full { record, receipt })
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// A driver that reads `t` for a plain function.
fn driver(told: Vec<ConsumerEvent>) -> Driver {
    let topic = TopicName::new("t").unwrap();
    let chain = Chain::new(topic.clone(), &Policy::once(), &Naming::default(), EndKind::Dlt).unwrap();
    let source = Source {
        listener: ListenerIndex(0),
        id: "l".into(),
        role: Role::Main,
        topic: topic.clone(),
        chain: Arc::new(chain.clone()),
        group: "g".into(),
        rules: Arc::new(Rules::new(chain, InPlace::NONE)),
        order: Order::Partition,
        batching: None,
        believed: false,
    };
    let settings = Settings {
        limits: Limits::default(),
        commit_interval: std::time::Duration::ZERO,
        revoke_drain: std::time::Duration::ZERO,
        trace_limit: 0,
        seed: 0,
    };
    let call = Call::Blocking(|_| Outcome::Done);
    let handler = Handler { call, filter: None, concurrency: None, timeout: None, manual: false };
    let port: Arc<dyn ProducerPort> = Arc::new(NoPort);
    Driver::new(DriverParts {
        group: "g".to_owned(),
        consumer: Box::new(Telling(told)),
        engine: Engine::new([(topic, Arc::new(source))].into(), settings),
        handlers: [(ListenerIndex(0), Arc::new(handler))].into(),
        inbox: Arc::new(Inbox::new(Wake::new(|| {}))),
        context: Arc::new(Context { states: crate::extract::States::default(), producer: Producer::new(port.clone()) }),
        port,
        observers: Observers::default(),
        runtime: Handle::current(),
        clock: Clock::System,
        report: Box::new(|_| {}),
        stop_listener: Box::new(|_, _, _| {}),
    })
}

#[tokio::test]
async fn of_partitions_that_are_lost_nothing_is_kept() {
    let (id, partition) = (AssignmentId(1), TopicPartition { topic: TopicName::new("t").unwrap(), partition: 0 });
    let assigned = ConsumerEvent::Assigned(vec![Assigned { id, partition, start: 0, committed: Some(0) }]);
    let mut driver = driver(vec![assigned]);
    driver.turn();
    assert_eq!(driver.desks.len(), 1);
    driver.hear(ConsumerEvent::Revoked { ids: vec![id], lost: true });
    driver.turn();
    assert!(driver.desks.is_empty());
}
