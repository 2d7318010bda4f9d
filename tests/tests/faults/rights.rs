//! Rights and quotas that change while everything runs.

use kafka_listen_tests::history::Step;
use kafka_listen_tests::history::check::Expected;
use kafka_listen_tests::real_kafka::RealKafka;

use crate::rig::{Load, Rig, shared, until};

const EVERYBODY: &str = "User:ANONYMOUS";

/// Leaves everybody these operations on a resource, and nothing else.
fn leave(kafka: &RealKafka, resource: &[&str], principal: &str, operations: &[&str]) {
    let mut arguments = vec!["--add", "--allow-principal", principal];
    operations.iter().for_each(|operation| arguments.extend(["--operation", operation]));
    arguments.extend(resource);
    kafka.tool("org.apache.kafka.tools.AclCommand", arguments);
}

/// Gives everything back.
fn give_back(kafka: &RealKafka, resource: &[&str]) {
    kafka.tool("org.apache.kafka.tools.AclCommand", ["--remove", "--force"].iter().chain(resource));
}

fn said<'a>(what: &'a str, words: &'a str) -> impl Fn(&Step) -> bool + 'a {
    move |step| matches!(step, Step::Other(told) if told.starts_with(what) && told.contains(words))
}

#[test]
fn without_the_right_to_write_the_dlt_its_records_wait_and_then_all_heals() {
    let rig = Rig::new(shared(), "unwritable", 3);
    let load = Load::start(&rig, 200);
    let worker = rig.start(&[]);
    rig.until_more(300);
    let dlt = ["--topic", "unwritable-dlt"];
    leave(shared(), &dlt, EVERYBODY, &["Describe", "DescribeConfigs", "Read"]);
    until("it is told", || worker.count(said("PublishFailed", "takes the ACL `Write`")) > 0);
    rig.until_more(400);
    let waits = |topic: &str| rig.lags().iter().any(|((_, of), lag)| of == topic && *lag > 0);
    assert!(waits("unwritable-retry-400"), "it is not committed past");
    give_back(shared(), &dlt);
    rig.finish(load, [worker]);
    let verdict = rig.judge(&Expected::default());
    assert_eq!((verdict.repeats, verdict.second_copies), (0, 0));
}

#[test]
fn without_the_right_to_read_a_topic_it_waits_and_nothing_is_passed_over_when_it_is_back() {
    let rig = Rig::new(shared(), "unreadable", 3);
    let load = Load::start(&rig, 200);
    let worker = rig.start(&[]);
    rig.until_more(300);
    let source = ["--topic", "unreadable"];
    leave(shared(), &source, EVERYBODY, &["Describe", "DescribeConfigs", "Write"]);
    until("it is told", || worker.count(said("ConsumerFailed", "takes the ACLs `Read`")) > 0);
    give_back(shared(), &source);
    rig.until_more(300);
    rig.finish(load, [worker]);
    let verdict = rig.judge(&Expected { uncommitted: u64::MAX, ..Expected::default() });
    assert_eq!((verdict.repeats, verdict.second_copies), (0, 0));
}

#[test]
fn without_the_right_to_read_as_the_group_run_ends_with_an_error_that_says_so() {
    let rig = Rig::new(shared(), "ungrouped", 3);
    let load = Load::start(&rig, 200);
    let mut worker = rig.start(&[]);
    rig.until_more(300);
    let group = ["--group", "ungrouped-group"];
    rig.fault("its group is forbidden", Some(worker.process), || {
        leave(shared(), &group, "User:nobody", &["Read"]);
        let mut ended = None;
        until("it ends by itself", || {
            ended = worker.ended();
            ended.is_some()
        });
        assert!(!ended.unwrap().success());
    });
    let said = worker.said();
    assert!(said.contains("`ungrouped-group`") && said.contains("takes the ACL `Read`"), "{said}");
    give_back(shared(), &group);
    let worker = rig.start(&[]);
    rig.finish(load, [worker]);
    rig.judge(&Expected { uncommitted: u64::MAX, ..Expected::default() });
}

#[test]
fn quotas_make_it_slower_and_nothing_else() {
    let rig = Rig::new(shared(), "throttled", 3).set("WORKER_PROPERTIES", "client.id=throttled");
    let quotas = |what: &str, value: &str| {
        let arguments = ["--alter", "--entity-type", "clients", "--entity-name", "throttled", what, value];
        shared().tool("kafka.admin.ConfigCommand", arguments);
    };
    let load = Load::start(&rig, 200);
    let worker = rig.start(&[]);
    rig.until_more(300);
    quotas("--add-config", "producer_byte_rate=30000,consumer_byte_rate=30000");
    until("it is told", || worker.count(said("Throttled", "throttled-group")) > 0);
    rig.until_more(300);
    quotas("--delete-config", "producer_byte_rate,consumer_byte_rate");
    rig.finish(load, [worker]);
    let verdict = rig.judge(&Expected { uncommitted: u64::MAX, ..Expected::default() });
    assert_eq!((verdict.repeats, verdict.second_copies), (0, 0));
}
