//! What `cargo run -p email` shows: a few e-mails, one of which cannot be delivered.

use std::error::Error;
use std::time::Duration;

use kafka_listen::prelude::*;

use crate::Email;
use crate::journal::Journal;

const RECIPIENTS: [&str; 5] =
    ["ada@example.com", "grace@example.com", "fail@example.com", "edsger@example.com", "barbara@example.com"];

/// Sends e-mails to the application, and waits until each was sent or given up.
pub async fn run(app: App, journal: &Journal) -> Result<(), Box<dyn Error>> {
    let mut running = app.start().await?;
    running.ready().await?;
    println!("{}\n", running.plan());
    for to in RECIPIENTS {
        send(running.producer(), to).await?;
    }
    running.producer().to("email.send").key("garbage").text("this is no JSON").send().await?;

    let good = RECIPIENTS.len() - 1;
    let finished = journal.reaches(|entries| entries.sent == good && entries.alerts == 2);
    let entries = tokio::time::timeout(Duration::from_secs(60), finished).await?;
    let failed: Vec<_> = entries.failed_at.iter().map(|at| format!("{at:.0}")).collect();
    println!(
        "\n{} e-mails sent; 1 given up after {} deliveries at {} s; 1 record was no e-mail; {} alerts raised",
        entries.sent,
        failed.len(),
        failed.join(", "),
        entries.alerts
    );
    running.stop().await;
    Ok(())
}

async fn send(producer: &Producer, to: &str) -> Result<(), Box<dyn Error>> {
    let email = Email {
        from: "shop@example.com".to_owned(),
        to: to.to_owned(),
        subject: "Your order".to_owned(),
        body: "It is on its way.".to_owned(),
    };
    producer.to("email.send").key(to).json(&email)?.send().await?;
    Ok(())
}
