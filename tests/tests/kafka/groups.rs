//! Two groups on one topic with the same suffixes, on a real Kafka: each handles its own, in one process and in two.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use kafka_listen::{App, Event, prelude::*};
use kafka_listen_tests::real_kafka::shared;

use super::support::{Events, app, create_topic, lag, produce, read_all, until};

/// How often a handler saw a value.
type Seen = Arc<Mutex<BTreeMap<(&'static str, String), u32>>>;

macro_rules! group {
    ($name:ident, $dead:ident, $topic:literal, $group:literal) => {
        #[kafka_listener(topic = $topic, group = $group, attempts = 3, backoff(delay = 100))]
        async fn $name(text: &str, State(seen): State<Seen>) -> Result<(), String> {
            *seen.lock().unwrap().entry(($group, text.to_owned())).or_default() += 1;
            Err("never".to_owned())
        }

        #[dlt_handler($name)]
        async fn $dead(text: &str, origin: Origin, State(seen): State<Seen>) {
            assert_eq!(origin.group.as_deref(), Some($group));
            *seen.lock().unwrap().entry(($group, text.to_owned())).or_default() += 100;
        }
    };
}
group!(one, one_is_dead, "grouped", "grouped-one");
group!(two, two_is_dead, "grouped", "grouped-two");
group!(near, near_is_dead, "grouped-apart", "grouped-near");
group!(far, far_is_dead, "grouped-apart", "grouped-far");

/// Has each of two groups fail each of twenty records three times, and bury it once; `apps` have both listeners between them.
async fn each_its_own(topic: &str, groups: [&'static str; 2], apps: Vec<App>) {
    let (seen, events) = (Seen::default(), Events::default());
    let mut running = Vec::new();
    for app in apps {
        let mut started = app.state(seen.clone()).observer(events.observer()).start().await.unwrap();
        started.ready().await.unwrap();
        println!("{}", started.plan());
        running.push(started);
    }
    produce(shared(), topic, (0..20).map(|number| number.to_string()));
    let all = groups.into_iter().flat_map(|group| (0..20).map(move |number| ((group, number.to_string()), 103)));
    let all: BTreeMap<_, _> = all.collect();
    until("each has failed three times and was buried once, by its own group", || *seen.lock().unwrap() == all).await;
    for group in groups {
        for (role, chain) in [("", ""), ("-retry", "-retry"), ("-dlt", "-dlt")] {
            let of = || lag(shared(), &format!("{group}{role}"), &format!("{topic}{chain}"));
            until("the others' records are committed past, too", || of() == 0).await;
        }
    }
    assert_eq!(*seen.lock().unwrap(), all, "and nothing more happened");
    assert_eq!(read_all(shared(), &format!("{topic}-dlt")).len(), 40, "one of each group");
    // Two retries and one dead letter of each record, for each group those of the other.
    assert_eq!(events.count(|event| matches!(event, Event::OtherGroup { .. })), 2 * 20 * 3);
    for app in running {
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_groups_of_one_application_handle_their_own_retries_and_dead_letters() {
    create_topic("grouped", 2, &[]);
    each_its_own("grouped", ["grouped-one", "grouped-two"], vec![app().listener(one).listener(two)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_groups_of_two_applications_handle_their_own_retries_and_dead_letters() {
    create_topic("grouped-apart", 2, &[]);
    let apart = vec![app().listener(near), app().listener(far)];
    each_its_own("grouped-apart", ["grouped-near", "grouped-far"], apart).await;
}
