//! Alerts a channel through a Slack-compatible webhook: a `POST` of `{"text": "…"}`.

use std::error::Error;
use std::thread;
use std::time::Duration;

use serde_json::json;

/// The way to the channel.
#[derive(Clone)]
pub struct Slack {
    webhook: String,
    agent: ureq::Agent,
}

/// A call that blocks cannot be cancelled, so it must end by itself.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Slack {
    /// The webhook `SLACK_WEBHOOK_URL`, or a server of our own that takes alerts and forgets them.
    pub fn from_env() -> Result<Self, Box<dyn Error>> {
        match std::env::var("SLACK_WEBHOOK_URL") {
            Ok(webhook) => Ok(Self::new(webhook, TIMEOUT)),
            Err(_) => Ok(Self::new(serve()?, TIMEOUT)),
        }
    }

    fn new(webhook: String, timeout: Duration) -> Self {
        let agent = ureq::Agent::config_builder().timeout_global(Some(timeout)).build().new_agent();
        Self { webhook, agent }
    }

    /// Posts a text to the channel; blocks until the channel has it, for five seconds at most.
    pub fn alert(&self, text: &str) -> Result<(), ureq::Error> {
        self.agent.post(&self.webhook).send_json(json!({ "text": text }))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_that_never_answers_is_given_up() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let webhook = format!("http://{}", silent.local_addr().unwrap());
        let error = Slack::new(webhook, Duration::from_millis(50)).alert("hello?").unwrap_err();
        assert!(matches!(error, ureq::Error::Timeout(_)), "{error}");
    }
}
