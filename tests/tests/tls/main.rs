//! TLS and SASL on a real Kafka, and what must never be seen of it: secrets. Certificates are made by the JDK's `keytool`.

use std::fmt::Debug;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen::{Event, Handle};
use kafka_listen_tests::real_kafka::RealKafka;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tracing_subscriber::fmt::MakeWriter;

const PATIENCE: Duration = Duration::from_secs(60);

const STORE_SECRET: &str = "keystore-hunter2";
const LOGIN_SECRET: &str = "login-hunter2";
const SCRAM_SECRET: &str = "scram-hunter2";
const WRONG_SECRET: &str = "wrong-hunter2";

/// A broker with a listener for clients that show a certificate, and one for those that log in.
struct Secured {
    kafka: RealKafka,
    stores: PathBuf,
}

impl Secured {
    fn shared() -> &'static Self {
        static SHARED: OnceLock<Secured> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    fn start() -> Self {
        let stores = std::env::temp_dir().join(format!("kafka-listen-tls-{}", std::process::id()));
        std::fs::create_dir_all(&stores).unwrap();
        for name in ["broker", "client"] {
            make_store(&stores, name);
        }
        // Each trusts the other's certificate.
        let client = stores.join("client.pem").display().to_string();
        keytool(
            &stores,
            &["-importcert", "-noprompt", "-alias", "client", "-file", &client, "-keystore", "trusted.p12"],
        );
        let store = |name: &str| stores.join(name).display().to_string();
        let plain =
            format!("org.apache.kafka.common.security.plain.PlainLoginModule required user_email=\"{LOGIN_SECRET}\";");
        let kafka = RealKafka::start(&[
            (
                "listeners",
                "PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller},TLS://127.0.0.1:{proxy},LOGIN://127.0.0.1:{proxied}",
            ),
            ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,TLS:SSL,LOGIN:SASL_SSL"),
            ("ssl.keystore.type", "PKCS12"),
            ("ssl.keystore.location", &store("broker.p12")),
            ("ssl.keystore.password", STORE_SECRET),
            ("listener.name.tls.ssl.client.auth", "required"),
            ("listener.name.tls.ssl.truststore.type", "PKCS12"),
            ("listener.name.tls.ssl.truststore.location", &store("trusted.p12")),
            ("listener.name.tls.ssl.truststore.password", STORE_SECRET),
            ("listener.name.login.sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256"),
            ("listener.name.login.plain.sasl.jaas.config", &plain),
            (
                "listener.name.login.scram-sha-256.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;",
            ),
        ]);
        let credentials = format!("SCRAM-SHA-256=[password={SCRAM_SECRET}]");
        let user = ["--alter", "--entity-type", "users", "--entity-name", "email", "--add-config", &credentials];
        kafka.tool("kafka.admin.ConfigCommand", user);
        Self { kafka, stores }
    }

    /// Clients that show a certificate.
    fn with_certificate(&self) -> App {
        self.app(self.kafka.proxy_ports().0)
            .property("security.protocol", "ssl")
            .property("ssl.keystore.location", self.stores.join("client.p12").display().to_string())
            .property("ssl.keystore.password", STORE_SECRET)
    }

    /// Clients that log in.
    fn with_login(&self, mechanism: &str, password: &str) -> App {
        self.app(self.kafka.proxy_ports().1)
            .property("security.protocol", "sasl_ssl")
            .property("sasl.mechanism", mechanism)
            .property("sasl.username", "email")
            .property("sasl.password", password)
    }

    fn app(&self, port: u16) -> App {
        App::new()
            .property("bootstrap.servers", format!("127.0.0.1:{port}"))
            .property("ssl.ca.location", self.stores.join("broker.pem").display().to_string())
            .group("tls")
            .create_source_topics(1)
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.stores);
    }
}

/// A key with a certificate that it signs itself, as `<name>.p12` and `<name>.pem`.
fn make_store(directory: &Path, name: &str) {
    let (store, file) = (format!("{name}.p12"), format!("{name}.pem"));
    let subject = format!("CN={name}");
    let key = ["-genkeypair", "-alias", name, "-dname", &subject, "-ext", "san=ip:127.0.0.1", "-keyalg", "RSA"];
    let key = [&key[..], &["-keysize", "2048", "-validity", "2", "-keystore", &store]].concat();
    keytool(directory, &key);
    keytool(directory, &["-exportcert", "-rfc", "-alias", name, "-keystore", &store, "-file", &file]);
}

fn keytool(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("keytool");
    command.args(arguments).args(["-storetype", "PKCS12", "-storepass", STORE_SECRET]).current_dir(directory);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[kafka_listener(topic = "certified", attempts = 2, backoff(delay = 1))]
async fn certified(text: &str, attempt: Attempt, State(seen): State<UnboundedSender<String>>) -> Result<(), String> {
    seen.send(format!("{text} {}", attempt.number)).unwrap();
    Err(format!("never {text}"))
}

#[kafka_listener(topic = "logged-in", attempts = 2, backoff(delay = 1))]
async fn logged_in(text: &str, attempt: Attempt, State(seen): State<UnboundedSender<String>>) -> Result<(), String> {
    seen.send(format!("{text} {}", attempt.number)).unwrap();
    Err(format!("never {text}"))
}

/// A record goes through the chain, by which consumers, producer and administration have all been used.
async fn passes(app: App, topic: &str) -> Handle {
    let (sender, mut seen) = unbounded_channel::<String>();
    let mut handle = app.state(sender).start().await.unwrap();
    handle.ready().await.unwrap();
    handle.producer().to(topic).text("hello").send().await.unwrap();
    for expected in ["hello 1", "hello 2"] {
        let next = tokio::time::timeout(PATIENCE, seen.recv()).await;
        assert_eq!(next.unwrap().as_deref(), Some(expected));
    }
    handle
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_shows_a_certificate() {
    passes(Secured::shared().with_certificate().listener(certified), "certified").await.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_certificate_the_broker_refuses_and_that_is_said() {
    let secured = Secured::shared();
    let (sender, _seen) = unbounded_channel::<String>();
    let app = secured.app(secured.kafka.proxy_ports().0).property("security.protocol", "ssl");
    let error = app.listener(certified).state(sender).start().await.unwrap_err().to_string();
    println!("{error}");
    assert!(error.contains("do not trust each other") && error.contains("`ssl.keystore.location`"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_whose_certificate_nobody_vouches_for_is_not_talked_to() {
    let secured = Secured::shared();
    let (sender, _seen) = unbounded_channel::<String>();
    let other = secured.stores.join("client.pem").display().to_string();
    let app = secured.with_certificate().property("ssl.ca.location", other);
    let error = app.listener(certified).state(sender).start().await.unwrap_err().to_string();
    println!("{error}");
    assert!(error.contains("certificate verify failed"), "{error}");
}

/// All that is written and told, with all of librdkafka's own lines, while clients log in, and while they are refused.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_seen_nowhere() {
    let seen = Seen::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(seen.clone()).finish();
    // Handlers and clients have threads of their own.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let secured = Secured::shared();
    for (mechanism, password) in [("PLAIN", LOGIN_SECRET), ("SCRAM-SHA-256", SCRAM_SECRET)] {
        let app = secured.with_login(mechanism, password).property("debug", "all").listener(logged_in);
        let events = seen.clone();
        let app = app.observer(move |event: &Event| events.show(event));
        seen.show(&app);
        // What is set for a listener stands in the plan.
        let app = app.setting("logged_in", "properties.sasl.password", password);
        let handle = passes(app.setting("logged_in", "concurrency", 2), "logged-in").await;
        seen.show(&handle);
        seen.show(&*handle.plan());
        seen.line(&handle.plan().to_string());
        handle.stop().await;
        let (sender, _receiver) = unbounded_channel::<String>();
        let app = secured.with_login(mechanism, WRONG_SECRET).property("debug", "all").listener(logged_in);
        let error = app.state(sender).start().await.unwrap_err();
        println!("{error}");
        assert!(error.to_string().contains("refuses to log in"), "{error}");
        seen.show(&error);
        seen.line(&error.to_string());
    }
    let all = seen.text();
    assert!(all.contains("sasl.password = [redacted]"), "librdkafka does tell its properties");
    for secret in [STORE_SECRET, LOGIN_SECRET, SCRAM_SECRET, WRONG_SECRET] {
        let line = all.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

/// Everything that anybody could read.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Seen {
    fn show(&self, what: &impl Debug) {
        self.line(&format!("{what:?}"));
    }

    fn line(&self, text: &str) {
        self.0.lock().unwrap().extend_from_slice(format!("{text}\n").as_bytes());
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Seen {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
