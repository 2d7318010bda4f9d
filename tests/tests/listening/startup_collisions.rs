//! Listeners in each other's way: told with both places and what to change; and those that are not.

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::startup::{listener, plain, refused, set, with};

listener!(same_topic: topic = "t");
listener!(same_id: topic = "u", id = "plain");
listener!(same_chain: topic = "t-retr", attempts = 2, retry_suffix = "y");
listener!(other_group: topic = "t-retr", group = "other", attempts = 2, retry_suffix = "y");
listener!(dead_elsewhere: topic = "t", group = "other", attempts = 1, dlt_suffix = "-retry");
listener!(on_a_retry_topic: topic = "t-retry", group = "other");
listener!(beside: topic = "t", group = "other", attempts = 2);
listener!(routed_into: topic = "t-x", attempts = 1);
listener!(elsewhere_routed_into: topic = "t-x", group = "other", attempts = 1);
listener!(retry_group: topic = "u", group = "test-retry");
listener!(dlt_group: topic = "t-dlt", group = "test-dlt");
listener!(suffixes: topic = "t", attempts = 2, retry_suffix = "${RETRY}", dlt_suffix = "${DLT}");

#[kafka_listener(topic = "t", attempts = 1, dlt_route("x", error if error == "x"))]
async fn routed() -> Result<(), String> {
    Ok(())
}

#[kafka_listener(topics("t", "${TOPIC}"), attempts = 1, dlt_route("x", error if error == "x"))]
async fn routed_to_itself() -> Result<(), String> {
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn two_listeners_that_cannot_live_together() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(same_topic)).await;
    let expected = "plain (HERE) and same_topic (HERE) both have the topic `t` in the group `test`: two listeners of one \
                    group would share its records between them: give one of them another group";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(plain).listener(same_id)).await;
    let expected =
        "plain (HERE) and same_id (HERE) both have the id `plain`: give one of them another with `id = \"…\"`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(plain).listener(retry_group).listener(dlt_group)).await;
    let expected = [
        "the group `test-retry` of retry_group (HERE) is the one that reads the retries of plain (HERE): give one of them another group",
        "the group `test-dlt` of dlt_group (HERE) is the one that reads the dead letters of plain (HERE): give one of them another group",
    ];
    assert_eq!(said[1..], expected);
}

#[tokio::test(start_paused = true)]
async fn groups_that_nobody_reads_with_are_free() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.start(with(&kafka).listener(same_topic).listener(dlt_group)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_chain_in_the_way_of_another() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(same_chain)).await;
    let expected = "plain (HERE) and same_chain (HERE) both have the chain topic `t-retry` in the group `test`: give one of \
                    them another `retry_suffix` or `dlt_suffix`";
    assert_eq!(said[1..], [expected]);
    let same = [("RETRY", "-x"), ("DLT", "-x")];
    let said = refused(set(with(&kafka).listener(suffixes), &same)).await;
    let expected = "suffixes (HERE): the chain of `t` has the topic `t-x` twice: write another `retry_suffix`, `dlt_suffix` or \
          `dlt_route` (`dlt_suffix`: `${DLT}` from `App::property`; `retry_suffix`: `${RETRY}` from `App::property`)";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn chains_that_meet_in_one_topic_whatever_their_groups() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(other_group)).await;
    let expected = "plain (HERE) has the topic `t-retry` as a retry topic of `t`, and other_group (HERE) as a retry topic of \
                    `t-retr`: give one of them another `retry_suffix` or `dlt_suffix`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(plain).listener(dead_elsewhere)).await;
    let expected = "plain (HERE) has the topic `t-retry` as a retry topic of `t`, and dead_elsewhere (HERE) as the DLT of `t`: \
                    give one of them another `retry_suffix` or `dlt_suffix`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn chains_that_meet_because_of_a_route() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(routed).listener(routed_into)).await;
    let expected = "routed (HERE) and routed_into (HERE) both have the chain topic `t-x-dlt` in the group `test`: give one of \
                    them another `retry_suffix`, `dlt_suffix` or `dlt_route`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(routed).listener(elsewhere_routed_into)).await;
    let expected = "routed (HERE) has the topic `t-x-dlt` as the DLT of `t` by its `dlt_route` \"x\", and elsewhere_routed_into \
                    (HERE) as the DLT of `t-x`: give one of them another `retry_suffix`, `dlt_suffix` or `dlt_route`";
    assert_eq!(said[1..], [expected]);
    let said = refused(with(&kafka).listener(routed_to_itself).property("TOPIC", "t-x-dlt")).await;
    let expected = "routed_to_itself (HERE) (`topics`: `${TOPIC}` from `App::property`): the topic `t-x-dlt` belongs to the \
                    chain of `t`, and is listed itself: leave it out, or write another `retry_suffix`, `dlt_suffix` or `dlt_route`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn a_listener_on_anothers_retry_topic() {
    let kafka = TestKafka::new();
    let said = refused(with(&kafka).listener(plain).listener(on_a_retry_topic)).await;
    let expected = "on_a_retry_topic (HERE) listens to `t-retry`, which is a retry topic of `t` of plain (HERE): what waits \
                    there is for that listener alone; name another topic, or give that one another `retry_suffix`";
    assert_eq!(said[1..], [expected]);
}

#[tokio::test(start_paused = true)]
async fn two_groups_on_one_topic_may_share_its_chain_and_the_plan_says_so() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    let plan = with(&kafka).listener(plain).listener(beside).plan().unwrap().to_string();
    for line in [
        "shared with beside, group other: each passes over the records of the other",
        "shared with plain, group test: each passes over the records of the other",
    ] {
        assert!(plan.contains(line), "{plan}");
    }
    kafka.start(with(&kafka).listener(plain).listener(beside)).await.unwrap();
}
