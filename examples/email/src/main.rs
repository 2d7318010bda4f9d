//! Sends e-mails that come over Kafka, and alerts somebody for each that cannot be sent.
//!
//! `cargo run -p email` needs nothing: it runs on the in-process broker, sends itself a few e-mails, shows what happens
//! to each, and ends. With `KAFKA_BOOTSTRAP_SERVERS=host:9092` it serves the topic `email.send` of a real cluster until it
//! is stopped, and with `SLACK_WEBHOOK_URL=https://…` it alerts a real channel.

mod demo;
mod journal;
mod slack;
mod smtp;

use kafka_listen::prelude::*;
use serde::{Deserialize, Serialize};

use crate::journal::Journal;
use crate::slack::Slack;
use crate::smtp::{SendError, Smtp};

#[derive(Debug, Serialize, Deserialize)]
struct Email {
    from: String,
    to: String,
    subject: String,
    body: String,
}

/// Five deliveries, 1, 2, 4 and 8 seconds apart; then `email.send.dlt`. Meanwhile other e-mails go on.
#[kafka_listener(
    topic = "email.send",
    group = "email-send-group",
    attempts = 5,
    backoff(delay = 1000, multiplier = 2),
    dlt_suffix = ".dlt"
)]
async fn send_email(
    Json(email): Json<Email>,
    attempt: Attempt,
    topic: Topic,
    State(smtp): State<Smtp>,
    State(journal): State<Journal>,
) -> Result<(), SendError> {
    let sent = smtp.send(&email).await;
    journal.delivered(&topic, attempt, &email, &sent);
    sent
}

/// Dead letters, each with the error of its last delivery. An e-mail that cannot even be decoded comes here, too. Not
/// `async`: it calls a blocking HTTP client, and kafka-listen runs it where that hurts nobody.
#[kafka_listener(topic = "email.send.dlt", group = "email-send-dlt-group")]
fn email_is_dead(
    email: Result<Json<Email>, Rejection>,
    origin: Origin,
    error: Option<LastError>,
    State(slack): State<Slack>,
    State(journal): State<Journal>,
) -> Result<(), ureq::Error> {
    let what = match email {
        Ok(Json(email)) => format!("The e-mail \"{}\" to {}", email.subject, email.to),
        Err(_) => "A record that is no e-mail".to_owned(),
    };
    let place = format!("{}, partition {}, offset {}", origin.topic, origin.partition, origin.offset);
    let why = error.map_or_else(|| "unknown".to_owned(), |error| error.message);
    let alert = format!("{what} was not sent: {why}. It came from {place}.");
    slack.alert(&alert)?;
    journal.alerted(&alert);
    Ok(())
}

/// The application, apart from `main` so that a test can start it, too.
fn app(slack: Slack, journal: Journal) -> App {
    App::from_env()
        .default_property("bootstrap.servers", "embedded")
        .create_source_topics(3)
        .state(Smtp)
        .state(slack)
        .state(journal)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "error".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let (slack, journal) = (Slack::from_env()?, Journal::default());
    let app = app(slack, journal.clone());
    match std::env::var("KAFKA_BOOTSTRAP_SERVERS") {
        Ok(servers) if servers != "embedded" => {
            println!("serving email.send on {servers} until stopped (Ctrl-C)");
            app.run().await?;
        }
        _ => demo::run(app, &journal).await?,
    }
    Ok(())
}
