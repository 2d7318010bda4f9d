//! Headers of the record that is being handled, which go with what is written meanwhile.

use std::sync::Arc;

use bytes::Bytes;

use super::SendError;
use crate::record::{HeaderBuf, Headers, Outgoing};

/// By these tracing systems tell what belongs together: W3C's Trace Context, whose two headers are one thing, and Baggage.
const TRACE: &[&[&str]] = &[&["traceparent", "tracestate"], &["baggage"]];

/// By this Spring's `ReplyingKafkaTemplate` knows the answer to what it sent.
const CORRELATION: &[&str] = &["kafka_correlationId"];

/// Headers that go with what is written, unless it has its own.
#[derive(Clone, Default)]
pub(crate) struct Carried(Option<Arc<[Group]>>);

/// Headers that belong together: where one of them is set, none of them is carried.
struct Group {
    names: &'static [&'static str],
    headers: Vec<HeaderBuf>,
}

impl Carried {
    /// What goes with every record that is written while this one is handled.
    pub(crate) fn of(headers: Headers<'_>) -> Self {
        Self::of_groups(headers, TRACE.iter().copied())
    }

    /// What goes with an answer to it.
    pub(crate) fn with_answer_to(headers: Headers<'_>) -> Self {
        Self::of_groups(headers, TRACE.iter().copied().chain([CORRELATION]))
    }

    fn of_groups(headers: Headers<'_>, groups: impl Iterator<Item = &'static [&'static str]>) -> Self {
        if headers.is_empty() {
            return Self(None);
        }
        let own = |name: &&'static str| {
            let value = Bytes::copy_from_slice(headers.get(name)?);
            Some(HeaderBuf::new(Bytes::from_static(name.as_bytes()), value))
        };
        let groups = groups.map(|names| Group { names, headers: names.iter().filter_map(own).collect() });
        let groups: Arc<[Group]> = groups.filter(|group| !group.headers.is_empty()).collect();
        Self((!groups.is_empty()).then_some(groups))
    }

    /// The same record, and what of it all it does not have.
    pub(super) fn with(&self, record: Outgoing) -> Result<Outgoing, SendError> {
        if self.0.is_none() {
            return Ok(record);
        }
        let mut body = record.body.to_owned_body();
        self.add_to(&mut body.headers);
        let body = body.pack().map_err(|error| SendError::invalid(&record.topic, error))?;
        Ok(Outgoing { body, ..record })
    }

    /// Adds what these do not have.
    pub(super) fn add_to(&self, headers: &mut Vec<HeaderBuf>) {
        for group in self.0.iter().flat_map(|groups| groups.iter()) {
            let is_set = headers.iter().any(|header| group.names.iter().any(|name| header.name == name.as_bytes()));
            if !is_set {
                headers.extend(group.headers.iter().cloned());
            }
        }
    }
}
