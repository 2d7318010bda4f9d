//! Writes what happens to the log, through `tracing`.

use tracing::{debug, error, info, warn};

use super::{Event, Observer, PauseReason};

/// The observer that every application has.
#[derive(Debug)]
pub(crate) struct Trace;

impl Observer for Trace {
    fn observe(&self, event: &Event) {
        match event {
            Event::Delivered { .. } => {}
            Event::TopicFound { listener, topic } => {
                info!(%listener, %topic, "topic appeared, read from its beginning");
            }
            Event::TopicGone { listener, topic } => warn!(%listener, %topic, "topic is gone, not read any more"),
            Event::TopicRefused { listeners, topic, message } => {
                error!(?listeners, %topic, message, "topic appeared that is not read");
            }
            Event::TopicDrift { topic, may_lose: true, message } => error!(%topic, "records can be lost: {message}"),
            Event::TopicDrift { topic, may_lose: false, message } => warn!(%topic, "{message}"),
            Event::LeftOver { listener, topic, group, records: 0 } => info!(
                %listener, %topic, %group,
                "a topic left over from an earlier version is empty; it is read for what an instance of that version may still \
                 write: delete it when none runs any more"
            ),
            Event::LeftOver { listener, topic, group, records } => warn!(
                %listener, %topic, %group, records,
                "records wait in a topic left over from an earlier version: they are read, and go on in today's chain"
            ),
            Event::FromTheBeginning { listener, topic, group, records } => warn!(
                %listener, %topic, %group, records,
                "the group has committed nothing of a topic that holds records: it reads all of them, and what was handled before \
                 is handled again"
            ),
            Event::OtherGroupsRecords { listener, group, named, topics, records } => {
                let topics = topics.iter().map(|topic| topic.as_str()).collect::<Vec<_>>().join(", ");
                warn!(
                    %listener, %group, %named, %topics, records,
                    "records of another group are passed over. If `{group}` is a new name of `{named}`, nobody else handles them: \
                     run the version before until they are finished, or keep the old name; a service of its own will handle them \
                     by itself"
                );
            }
            Event::NotSeen { listener, topic, partitions, is_read: true } => warn!(
                %listener, %topic, ?partitions,
                "partitions did not show in time whose records they hold: they are read all the same, but what is told of them may \
                 be wrong"
            ),
            Event::NotSeen { listener, topic, partitions, is_read: false } => warn!(
                %listener, %topic, ?partitions,
                "partitions did not show in time whose records they hold: if an earlier version has left the topic over, they wait \
                 there; start again once the cluster answers"
            ),
            Event::Assigned { listener, partition, start } => {
                debug!(%listener, %partition, start, "partition assigned");
            }
            Event::Revoked { listener, partition, lost, cancelled: false } => {
                debug!(%listener, %partition, lost, "partition let go");
            }
            Event::Revoked { listener, partition, lost, cancelled: true } => warn!(
                %listener, %partition, lost,
                "partition let go while handlers still ran: they are cancelled, their records will be delivered again"
            ),
            Event::Paused { listener, reason: reason @ PauseReason::Stopped { .. } } => {
                error!(%listener, %reason, "listener stopped: nothing more of it starts");
            }
            Event::Paused { listener, reason } => {
                warn!(%listener, %reason, "listener paused: nothing more of it starts");
            }
            Event::Resumed { listener } => info!(%listener, "listener goes on"),
            Event::Skipped { listener, record } => debug!(%listener, %record, "filtered out, skipped"),
            Event::FailedAfterAck { listener, record, failure } => {
                warn!(%listener, %record, error = %failure, "handler failed after its ack, which counts");
            }
            Event::Retried { listener, record, topic, attempt, due, failure } => {
                info!(%listener, %record, %topic, attempt, %due, error = %failure, "delivery failed, to be retried");
            }
            Event::TriedAgain { listener, record, in_place, at, failure } => {
                info!(%listener, %record, in_place, %at, error = %failure, "delivery failed, tried again in place");
            }
            Event::DeadLettered { listener, record, topic, failure } => {
                warn!(%listener, %record, %topic, error = %failure, "delivery failed for good, record dead-lettered");
            }
            Event::RetryAfterCut { listener, record, asked, limit } => warn!(
                %listener, %record, ?asked, ?limit,
                "retry asked for after more than `max_retry_after`, which it gets instead"
            ),
            Event::UnknownRoute { listener, record, route, topic } => {
                warn!(%listener, %record, %route, %topic, "no such `dlt_route`, record dead-lettered with all others");
            }
            Event::Discarded { listener, record, reason, failure } => {
                warn!(%listener, %record, %reason, error = %failure, "record discarded");
            }
            Event::PassedOver { listener, record, failure } => {
                error!(%listener, %record, error = %failure, "dead letter not handled, passed over");
            }
            Event::OtherGroup { listener, record } => debug!(%listener, %record, "another group's retry, passed over"),
            Event::DueClamped { listener, record, due } => {
                warn!(%listener, %record, %due, "due time further ahead than any delay of the chain, clamped");
            }
            Event::MovedBack { listener, record, due } => {
                debug!(%listener, %record, %due, "a long wait was in the way of others, moved to the end of its topic");
            }
            Event::TooManyWaits { listener, partition, count, until } => warn!(
                %listener, %partition, count, %until,
                "too many long waits: what lies behind them in their retry topic is not read before the first of them is over"
            ),
            Event::Gone { listener, partition, from, to } if to < from => error!(
                %listener, %partition, from, to,
                "the log ends before the offset to be read: it was truncated, or its topic made anew; it is read from its \
                 beginning, records may be delivered again"
            ),
            Event::Gone { listener, partition, from, to } => {
                let records = to - from;
                error!(%listener, %partition, from, to, records, "records are gone from the log unread");
            }
            Event::PublishFailed { listener, record, topic, tries, missing, message } => error!(
                %listener, %record, %topic, tries, missing, error = %message,
                "retry or dead-letter record not written, to be tried again; its partition waits"
            ),
            Event::PublishSlow { listener, partition, count, age } => error!(
                %listener, %partition, count, ?age,
                "retry or dead-letter records are not acknowledged; their partition waits"
            ),
            Event::HandlerSilent { listener, partition, count, age } => warn!(
                %listener, %partition, count, ?age,
                "a handler has not ended for long; its records wait, and a `handler_timeout` would end it"
            ),
            Event::Shrunk { listener, record, topic, what } => {
                warn!(%listener, %record, %topic, left_out = %what, "record too large for the topic, written with less");
            }
            Event::CommitFailed { message } => warn!(error = %message, "commit failed, to be sent again"),
            Event::Throttled { group, time } => {
                warn!(%group, ?time, "a quota of the cluster holds the consumer up; it reads more slowly");
            }
            Event::ConsumerFailed { group, fatal: true, message } => {
                error!(%group, error = %message, "consumer failed");
            }
            Event::ConsumerFailed { group, fatal: false, message } => {
                warn!(%group, error = %message, "consumer in trouble, it keeps trying");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{PipeWriter, Read, pipe};

    use super::*;
    use crate::record::{TopicName, TopicPartition};

    fn logged(event: &Event) -> String {
        let (mut log, end) = pipe().unwrap();
        let writer = move || -> PipeWriter { end.try_clone().unwrap() };
        let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(writer).finish();
        tracing::subscriber::with_default(subscriber, || Trace.observe(event));
        let mut text = String::new();
        log.read_to_string(&mut text).unwrap();
        text
    }

    fn gone(from: i64, to: i64) -> String {
        let partition = TopicPartition { topic: TopicName::new("t").unwrap(), partition: 0 };
        logged(&Event::Gone { listener: "mail".into(), partition, from, to })
    }

    #[test]
    fn records_that_are_gone_are_counted_and_a_truncation_is_called_one() {
        let retention = gone(3, 10);
        assert!(retention.contains("records=7") && retention.contains("gone from the log unread"), "{retention}");
        let truncation = gone(10, 3);
        assert!(truncation.contains("from=10 to=3") && truncation.contains("it was truncated"), "{truncation}");
        assert!(!truncation.contains("records="), "{truncation}");
    }
}
