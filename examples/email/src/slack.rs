//! Alerts a channel through a Slack-compatible webhook: a `POST` of `{"text": "…"}`.

use std::error::Error;
use std::thread;

use serde_json::json;

/// The way to the channel.
#[derive(Clone)]
pub struct Slack {
    webhook: String,
}

impl Slack {
    /// The webhook `SLACK_WEBHOOK_URL`, or a server of our own that takes alerts and forgets them.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        match std::env::var("SLACK_WEBHOOK_URL") {
            Ok(webhook) => Ok(Self { webhook }),
            Err(_) => Ok(Self { webhook: serve()? }),
        }
    }

    /// Posts a text to the channel; blocks until the channel has it.
    pub fn alert(&self, text: &str) -> Result<(), ureq::Error> {
        ureq::post(&self.webhook).send_json(json!({ "text": text }))?;
        Ok(())
    }
}

fn serve() -> Result<String, Box<dyn Error>> {
    let server = tiny_http::Server::http("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = server.server_addr();
    thread::spawn(move || {
        for request in server.incoming_requests() {
            // A client that went away needs no answer.
            let _ = request.respond(tiny_http::Response::from_string("ok"));
        }
    });
    Ok(format!("http://{address}"))
}
