//! The brokers of these tests, and what is asked of them beside the application.

use std::sync::{Mutex, OnceLock, PoisonError};

use kafka_listen_tests::history::broker;
use kafka_listen_tests::proxy::Proxy;
use kafka_listen_tests::real_kafka::RealKafka;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;

use super::{PATIENCE, until};

/// The time of a record is when the broker took it: the judge compares it with the time of a commit.
const BROKER_TIME: (&str, &str) = ("log.message.timestamp.type", "LogAppendTime");

/// Sessions of the new group protocol, which the broker sets: as long as those of the old one here.
const SESSIONS: [(&str, &str); 4] = [
    ("group.consumer.min.session.timeout.ms", "6000"),
    ("group.consumer.session.timeout.ms", "6000"),
    ("group.consumer.min.heartbeat.interval.ms", "500"),
    ("group.consumer.heartbeat.interval.ms", "500"),
];

/// Rights can be taken away: whoever has none on a resource that somebody has is refused.
const RIGHTS: [(&str, &str); 2] = [
    ("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
    ("allow.everyone.if.no.acl.found", "true"),
];

/// A listener that a proxy leads to.
const PROXIED: [(&str, &str); 4] = [
    ("listeners", "PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{proxied},CONTROLLER://127.0.0.1:{controller}"),
    ("advertised.listeners", "PLAINTEXT://127.0.0.1:{port},PROXIED://127.0.0.1:{proxy}"),
    ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT"),
    ("inter.broker.listener.name", "PLAINTEXT"),
];

/// The broker of the tests that leave it running.
pub fn shared() -> &'static RealKafka {
    static SHARED: OnceLock<RealKafka> = OnceLock::new();
    SHARED.get_or_init(|| RealKafka::start(&[&[BROKER_TIME][..], &SESSIONS, &RIGHTS].concat()))
}

/// Those that nobody has.
static IDLE: Mutex<Vec<(RealKafka, Proxy)>> = Mutex::new(Vec::new());

/// A broker behind a proxy, which a test has for itself and may break.
pub struct Breakable(Option<(RealKafka, Proxy)>);

/// One that nobody has; started if all are in use.
pub fn breakable() -> Breakable {
    let idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    Breakable(Some(idle.unwrap_or_else(|| {
        let kafka = RealKafka::start(&[&[BROKER_TIME][..], &PROXIED].concat());
        let (at, to) = kafka.proxy_ports();
        let proxy = Proxy::start(at, to);
        (kafka, proxy)
    })))
}

impl Breakable {
    pub fn broker(&self) -> &RealKafka {
        &self.parts().0
    }

    pub fn proxy(&self) -> &Proxy {
        &self.parts().1
    }

    /// The address of the broker that leads through the proxy.
    pub fn through_proxy(&self) -> String {
        format!("127.0.0.1:{}", self.broker().proxy_ports().0)
    }

    fn parts(&self) -> &(RealKafka, Proxy) {
        self.0.as_ref().expect("only `drop` takes it")
    }
}

impl Drop for Breakable {
    fn drop(&mut self) {
        // A test that failed may have left it broken.
        if !std::thread::panicking() {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).extend(self.0.take());
        }
    }
}

/// Asks the broker for something that rdkafka's admin client can do.
pub fn admin<T>(
    kafka: &RealKafka,
    ask: impl AsyncFnOnce(&AdminClient<DefaultClientContext>, &AdminOptions) -> rdkafka::error::KafkaResult<T>,
) -> T {
    let admin = broker::client(&kafka.bootstrap()).create().unwrap();
    let options = AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(ask(&admin, &options)).unwrap()
}

/// Creates a topic and waits until it is seen.
pub fn create_topic(kafka: &RealKafka, name: &str, partitions: i32, config: &[(&str, &str)]) {
    let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(1));
    for (key, value) in config {
        topic = topic.set(key, value);
    }
    for result in admin(kafka, async |admin, options| admin.create_topics([&topic], options).await) {
        result.unwrap();
    }
    until("the topic appears", || broker::topics(&kafka.bootstrap(), name).contains_key(name));
}
