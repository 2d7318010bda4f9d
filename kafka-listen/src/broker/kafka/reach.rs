//! Asking the cluster at start-up: a clear word within five seconds when it cannot be asked.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use super::config::{Properties, unusable};
use super::native::client::GroupClient;
use super::native::event::Event;
use super::native::topics::Partitions;
use crate::broker::ClientError;
use crate::clock::Clock;
use crate::record::TopicName;

/// How long the cluster is tried.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one try may take.
const TRY: Duration = Duration::from_millis(500);
/// How much longer it may take for each topic that is asked about.
const EACH: Duration = Duration::from_millis(2);

/// A client that only asks, and knows why it gets no answer.
pub(super) struct Asker {
    client: GroupClient,
    address: String,
    /// What the client last said about its connections.
    trouble: Mutex<Option<(Code, String)>>,
}

impl Asker {
    /// Asks for itself, or as a group that it does not join.
    pub(super) fn new(properties: &Properties, group: Option<&str>) -> Result<Self, ClientError> {
        let mut config = properties.admin();
        if let Some(group) = group {
            config.set("group.id", group);
        }
        // Ends of partitions are asked for as they are, not as a reader of committed records sees them.
        config.set("isolation.level", "read_uncommitted");
        let client = GroupClient::new(&config, || {}).map_err(unusable)?;
        let address = properties.address().unwrap_or_default().to_owned();
        Ok(Self { client, address, trouble: Mutex::default() })
    }

    /// Asks until there is an answer, an error that trying again will not change, or no time left. Blocks.
    pub(super) fn ask<T>(
        &self,
        what: &str,
        question: impl Fn(&GroupClient, Duration) -> Result<T, KafkaError>,
    ) -> Result<T, ClientError> {
        let begin = Clock::System.now();
        loop {
            let error = match question(&self.client, TRY) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let code = error.rdkafka_error_code().unwrap_or(Code::Fail);
            self.listen();
            let hopeless = self.refuses_login() || !is_transient(code);
            if hopeless || Clock::System.now().since(begin) + TRY > PATIENCE {
                return Err(self.explain(what, code));
            }
        }
    }

    /// The partitions of each topic, `None` where there is no such topic. Blocks.
    pub(super) fn describe(&self, topics: &[TopicName]) -> Result<Vec<Option<Partitions>>, ClientError> {
        let mut names: Vec<_> = topics.iter().collect();
        names.sort();
        names.dedup();
        let answers = self.ask("describing the topics", |client, time| {
            let answers = client.describe(&names, time + EACH * topics.len() as u32).map_err(failed)?;
            match answers.iter().find_map(|answer| answer.err().filter(|&code| is_transient(code))) {
                Some(code) => Err(failed(code)),
                None => Ok(answers),
            }
        })?;
        let of = |topic: &TopicName| {
            let answer = names.binary_search(&topic).map_or(Err(Code::Fail), |index| answers[index]);
            answer.map_err(|code| self.explain(&format!("describing the topic `{topic}`"), code))
        };
        topics.iter().map(of).collect()
    }

    /// Serves the client's events, for their reasons.
    fn listen(&self) {
        while let Some(event) = self.client.poll(Duration::ZERO) {
            if let Event::Failed { code, reason, .. } = event {
                let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
                // "All brokers are down" says less than the reason that came before it.
                if code != Code::AllBrokersDown || trouble.is_none() {
                    *trouble = Some((code, reason));
                }
            }
        }
    }

    fn refuses_login(&self) -> bool {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(*trouble, Some((Code::Authentication | Code::SaslAuthenticationFailed, _)))
    }

    fn explain(&self, what: &str, code: Code) -> ClientError {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).take();
        let address = &self.address;
        ClientError(match (code, trouble) {
            (_, Some((Code::Authentication | Code::SaslAuthenticationFailed, reason))) => format!(
                "{address} refuses to log in: {}; check `sasl.username`, `sasl.password` and `sasl.mechanism`",
                plain(&reason)
            ),
            (Code::TopicAuthorizationFailed, _) => {
                format!("{what} is not allowed: it takes the ACL `Describe` on the topic")
            }
            (Code::GroupAuthorizationFailed, _) => {
                format!("{what} is not allowed: it takes the ACL `Describe` on the group")
            }
            (Code::ClusterAuthorizationFailed, _) => {
                format!("{what} is not allowed: it takes the ACL `Describe` on the cluster")
            }
            (code, Some((_, reason))) if is_transient(code) && reason.contains("SSL") => format!(
                "{address} and this client do not trust each other: {}; check `ssl.ca.location`, which names who vouches for \
                 the brokers, and `ssl.keystore.location` or `ssl.certificate.location`, where they want to know the client",
                plain(&reason)
            ),
            (code, Some((_, reason))) if is_transient(code) => format!(
                "cannot reach {address}: {} (tried for {} s); check `bootstrap.servers`, and `security.protocol` if \
                 the brokers want TLS or a login",
                plain(&reason),
                PATIENCE.as_secs()
            ),
            (code, _) if is_transient(code) => {
                format!("{what} was not answered by {address} within {} s: {code}", PATIENCE.as_secs())
            }
            (code, _) => format!("{what} failed: {code}"),
        })
    }
}

pub(super) fn failed(code: Code) -> KafkaError {
    KafkaError::MetadataFetch(code)
}

/// Whether asking again may help.
pub(super) fn is_transient(code: Code) -> bool {
    matches!(
        code,
        Code::BrokerTransportFailure
            | Code::AllBrokersDown
            | Code::Resolve
            | Code::OperationTimedOut
            | Code::RequestTimedOut
            | Code::TimedOutQueue
            | Code::NetworkException
            | Code::WaitingForCoordinator
            | Code::CoordinatorNotAvailable
            | Code::CoordinatorLoadInProgress
            | Code::NotCoordinator
            | Code::NotController
            | Code::LeaderNotAvailable
            | Code::NotLeaderForPartition
    )
}

/// The reason without librdkafka's names for the connection and its state.
fn plain(reason: &str) -> String {
    let reason = reason.rsplit_once(" (after ").map_or(reason, |(text, _)| text);
    let reason = reason.rsplit_once("]: ").map_or(reason, |(_, text)| text);
    let is_connection = |name: &str| name.contains('/') && !name.contains(' ');
    let reason = reason.split_once(": ").filter(|(name, _)| is_connection(name)).map_or(reason, |(_, text)| text);
    reason.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_shown_without_the_names_of_connections() {
        let raw = "[thrd:127.0.0.1:1/bootstrap]: 127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: \
                   Connection refused (after 0ms in state CONNECT)";
        assert_eq!(plain(raw), "Connect to ipv4#127.0.0.1:1 failed: Connection refused");
    }
}
