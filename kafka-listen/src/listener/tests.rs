//! What the attributes register, and what is called in the end: the macro and this crate together.

use std::task::{Context, Poll, Waker};

use super::definition::Setting;
use super::registry::Registered;
use super::{Call, DltHandler, Listener, Plan, SameDelay, Suffix};
use crate::__private::function_id;
use crate::broker::OffsetReset;
use crate::config::{Origin, Sources, Written};
use crate::extract::States;
use crate::extract::sample::Sample;
use crate::outcome::{FailureKind, Outcome};
use crate::problem::Problems;
use crate::record::HeaderBuf;
use crate::{Attempt, Json, Needs, Offset, State, Topic, dlt_handler, kafka_listener};

const LIMIT: u32 = 8;

/// The line of the attribute.
const LEAST: u32 = line!() + 2;

#[kafka_listener(topic = "orders", crate = crate)]
async fn least() {}

#[kafka_listener(
    topics("orders", "${MORE:orders.more}"), group = "shop", id = "all", concurrency = LIMIT, order = "${ORDER:key}",
    attempts = "${ATTEMPTS:5}", backoff(delay = "1s", multiplier = 2, max_delay = 5000, jitter = 0.5),
    retry_suffix = "-again", dlt_suffix = ".dead", suffix = "index", same_delay = "multiple", dlt = true,
    offset_reset = "error", auto_create = "${CREATE:true}", partitions = 6, replication = 3,
    retention = "30d", group_naming = "${NAMING:per-topic}", crate = crate
)]
async fn most() {}

#[kafka_listener(topic_pattern = "^orders", crate = crate)]
async fn matching() {}

#[kafka_listener(topic = "orders", crate = crate)]
async fn handle(
    Json(numbers): Json<Vec<u32>>,
    topic: Topic,
    #[header("x-limit")] limit: Option<u32>,
    _: Option<State<u64>>,
) -> Result<(), String> {
    std::future::ready(()).await;
    let sum = numbers.iter().sum::<u32>();
    if sum > limit.unwrap_or(10) { Err(format!("{} has {sum}", &*topic)) } else { Ok(()) }
}

#[kafka_listener(topic = "orders", crate = crate)]
fn handle_blocking(text: &str, Offset(offset): Offset, State(factor): State<i64>) -> Result<(), String> {
    Err(format!("{text} {}", offset * factor))
}

#[dlt_handler(self::handle, crate = crate)]
fn dead(#[header("x-tenant")] tenant: &str, _: Attempt, _: State<String>) {
    assert!(!tenant.is_empty());
}

fn registered(function: &str) -> &'static Listener {
    let mut all = inventory::iter::<&'static Listener>.into_iter();
    all.find(|listener| listener.site.module == module_path!() && listener.site.function == function).unwrap()
}

fn dead_letters() -> &'static DltHandler {
    let mut all = inventory::iter::<&'static DltHandler>.into_iter();
    all.find(|handler| handler.site.module == module_path!()).unwrap()
}

/// The outcome of one call; every handler here is ready at its first poll.
fn call(call: Call, sample: &Sample) -> Outcome {
    let delivery = sample.delivery();
    match call {
        Call::Blocking(run) => run(&delivery),
        Call::Async(run) => match run(&delivery).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => panic!("the handler waits for nothing"),
        },
        Call::AsyncBatch(_) | Call::BlockingBatch(_) => panic!("no handler here takes batches"),
    }
}

fn failure(outcome: Outcome) -> (FailureKind, String) {
    match outcome {
        Outcome::Failed(failure) => (failure.kind, failure.message),
        Outcome::Done | Outcome::Replied(_) => panic!("it should have failed"),
    }
}

#[test]
fn what_is_not_written_is_left_to_the_defaults() {
    let listener = registered("least");
    assert_eq!(listener.topics, ["orders"]);
    assert_eq!((listener.group, listener.id, listener.dlt), (None, None, None));
    assert_eq!((listener.attempts, listener.delay, listener.concurrency), (None, None, None));
    assert_eq!((listener.order, listener.offset_reset, listener.auto_create), (None, None, None));
    assert_eq!((listener.function)(), function_id(least));
    assert!(listener.site.location.file().ends_with("listener/tests.rs"));
    assert_eq!(listener.site.location.line(), LEAST);
}

#[test]
fn every_key_arrives_where_it_belongs() {
    let listener = registered("most");
    assert_eq!(listener.topics, ["orders", "${MORE:orders.more}"]);
    assert_eq!((listener.group, listener.id), (Some("shop"), Some("all")));
    assert_eq!(listener.concurrency, Some(Setting::Value(8)));
    assert_eq!(listener.order, Some(Setting::Text("${ORDER:key}")));
    assert_eq!(listener.offset_reset, Some(Setting::Value(OffsetReset::Error)));
    assert_eq!(listener.attempts, Some(Setting::Text("${ATTEMPTS:5}")));
    assert_eq!((listener.delay, listener.max_delay), (Some(Setting::Value(1000)), Some(Setting::Value(5000))));
    assert_eq!((listener.multiplier, listener.jitter), (Some(Setting::Value(2.0)), Some(Setting::Value(0.5))));
    assert_eq!((listener.retry_suffix, listener.dlt_suffix), (Some("-again"), Some(".dead")));
    assert_eq!(listener.suffix, Some(Setting::Value(Suffix::Index)));
    assert_eq!(listener.same_delay, Some(Setting::Value(SameDelay::Multiple)));
    assert_eq!(
        (listener.dlt, listener.auto_create),
        (Some(Setting::Value(true)), Some(Setting::Text("${CREATE:true}")))
    );
    assert_eq!((listener.partitions, listener.replication), (Some(Setting::Value(6)), Some(Setting::Value(3))));
    assert_eq!(listener.retention, Some(Setting::Value(30 * 24 * 60 * 60 * 1000)));
    assert_eq!(listener.group_naming, Some(Setting::Text("${NAMING:per-topic}")));
    assert_eq!((listener.topic_pattern, registered("matching").topic_pattern), (None, Some("^orders")));
}

#[test]
fn parameters_are_built_and_the_handler_is_called() {
    let listener = registered("handle");
    assert!(matches!(call(listener.call, &Sample::value("[1, 2]")), Outcome::Done));
    let failed = failure(call(listener.call, &Sample::value("[10, 2]")));
    assert_eq!(failed, (FailureKind::Error, "orders has 12".to_owned()));

    let sample = Sample::value("v").state(2_i64);
    let failed = failure(call(registered("handle_blocking").call, &sample));
    assert_eq!(failed, (FailureKind::Error, "v 34".to_owned()));
}

#[test]
fn a_rejection_names_the_parameter_as_it_is_written() {
    let (kind, message) = failure(call(registered("handle").call, &Sample::value("{")));
    assert_eq!(kind, FailureKind::Rejection);
    assert!(message.starts_with("`Json(numbers): Json<Vec<u32>>`: "), "{message}");

    let limit = HeaderBuf { name: "x-limit".into(), value: Some("many".into()) };
    let (kind, message) = failure(call(dead_letters().call, &Sample::headers(vec![limit])));
    assert_eq!(kind, FailureKind::Rejection);
    assert_eq!(message, "`tenant: &str`: the record has no header `x-tenant`");
}

#[test]
fn states_are_known_before_the_first_record() {
    let states = |needs: fn(&mut Needs)| {
        let mut found = Needs::default();
        needs(&mut found);
        found.states().iter().map(|need| (need.parameter, need.type_name)).collect::<Vec<_>>()
    };
    assert_eq!(states(registered("handle").needs), []);
    assert_eq!(states(registered("handle_blocking").needs), [("State(factor): State<i64>", "i64")]);
    assert_eq!(states(dead_letters().needs), [("_: State<String>", "alloc::string::String")]);
}

#[test]
fn a_dlt_handler_names_its_listener_by_the_function() {
    assert_eq!((dead_letters().listener)(), (registered("handle").function)());
    assert_ne!((dead_letters().listener)(), (registered("most").function)());
}

#[test]
fn a_hundred_listeners_of_one_group_are_three_consumers() {
    let all = (0..100).map(|number| {
        let name: &'static str = format!("l{number}").leak();
        let listener = Listener {
            id: Some(name),
            topics: vec![name].leak(),
            attempts: Some(Setting::Value(5)),
            multiplier: Some(Setting::Value(2.0)),
            ..*registered("least")
        };
        Registered { listener: Box::leak(Box::new(listener)), dlt_handler: Some(dead_letters()) }
    });
    let (mut states, mut problems) = (States::default(), Problems::default());
    states.insert(String::new());
    let group = Written::new("g", Origin::Code("group"));
    let plan = Plan::new(&all.collect::<Vec<_>>(), Some(&group), &Sources::default(), &states, &mut problems);
    assert!(problems.is_empty(), "{problems}");
    let consumers: Vec<_> = plan.consumers().into_iter().map(|it| (it.group, it.topics.len())).collect();
    assert_eq!(consumers, [("g".into(), 100), ("g-dlt".into(), 100), ("g-retry".into(), 400)]);
}
