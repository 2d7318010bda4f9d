//! Delivery reports: what became of each record that was handed to the producer's client.

use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::{NoCustomPartitioner, ProducerContext};

use super::logging::{self, Logging};
use super::native::send::{Fate, NO_OFFSET, fate};
use super::open::Open;
use crate::broker::{Place, Receipt};
use crate::record::{Outgoing, PublishError, PublishErrorKind, TopicName, Wanted, Written};

/// A record under way. It is kept as it was: librdkafka reads its value from here.
pub(super) struct Ticket {
    number: u64,
    record: Outgoing,
    /// Called once. The lock is never waited for: it only lets a ticket pass between threads.
    receipt: Mutex<Receipt>,
    open: Arc<Open>,
    /// Whether it shares no batch with others.
    alone: bool,
    /// Given back with the receipt's call.
    place: Option<Place>,
}

impl AsRef<Outgoing> for Ticket {
    fn as_ref(&self) -> &Outgoing {
        &self.record
    }
}

impl Ticket {
    pub(super) fn new(
        number: u64,
        record: Outgoing,
        receipt: Receipt,
        open: Arc<Open>,
        place: Option<Place>,
    ) -> Box<Self> {
        Box::new(Self { number, record, receipt: Mutex::new(receipt), open, alone: false, place })
    }

    /// The partition it should go to.
    pub(super) fn partition(&self) -> Wanted {
        self.record.partition
    }

    pub(super) fn take_apart(self) -> (Outgoing, Receipt) {
        (self.record, self.receipt.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn written(self, written: Written) {
        self.place.iter().for_each(|place| place.is_known(true));
        let open = Arc::clone(&self.open);
        self.take_apart().1(Ok(written));
        open.one_less();
    }
}

/// A record that was not acknowledged.
pub(super) struct Failed {
    ticket: Box<Ticket>,
    code: Code,
    fate: Fate,
    /// Whether a broker was asked.
    sent: bool,
}

impl Failed {
    /// It did not get as far as the client's queue.
    pub(super) fn not_sent(ticket: Box<Ticket>, code: Code) -> Self {
        Self { ticket, code, fate: Fate::NotWritten, sent: false }
    }

    /// Its place in the order of sending.
    pub(super) fn number(&self) -> u64 {
        self.ticket.number
    }

    /// What it was meant for.
    pub(super) fn destination(&self) -> (TopicName, Wanted) {
        self.ticket.record.destination()
    }

    /// The record, if all that was wrong is that its topic does not have the partition it was meant for.
    pub(super) fn for_its_key(self) -> Result<Box<Ticket>, Self> {
        let only_that = self.code == Code::UnknownPartition && matches!(self.ticket.partition(), Wanted::IfThere(_));
        if only_that { Ok(self.ticket) } else { Err(self) }
    }

    /// The record, if no answer was about it: librdkafka infers from a later one that it was written.
    ///
    /// That is right where the broker knew the producer in that partition, and so would have refused the later one. Where it did not, it took
    /// whichever came first. Only an offset tells the two apart.
    pub(super) fn for_want_of_an_offset(mut self) -> Result<Box<Ticket>, Self> {
        if self.code != Code::NoError {
            return Err(self);
        }
        self.ticket.alone = false;
        Ok(self.ticket)
    }

    /// The record, if it was refused for its size, and perhaps only because of those in its batch.
    pub(super) fn for_a_batch_of_its_own(mut self) -> Result<Box<Ticket>, Self> {
        if self.kind() != PublishErrorKind::TooLarge || self.ticket.alone || !self.sent {
            return Err(self);
        }
        self.ticket.alone = true;
        Ok(self.ticket)
    }

    /// The record, to be sent again by another client; told of if that cannot help.
    pub(super) fn into_ticket(self) -> Option<Box<Ticket>> {
        match self.kind() {
            PublishErrorKind::TooLarge | PublishErrorKind::NoSuchTopic => {
                self.tell();
                None
            }
            PublishErrorKind::NotWritten | PublishErrorKind::Unknown => Some(self.ticket),
        }
    }

    /// Calls its receipt.
    pub(super) fn tell(self) {
        let (kind, message) = (self.kind(), self.message());
        if kind == PublishErrorKind::NoSuchTopic {
            self.ticket.place.iter().for_each(|place| place.is_known(false));
        }
        let open = Arc::clone(&self.ticket.open);
        let (record, receipt) = self.ticket.take_apart();
        receipt(Err(PublishError { kind, message, record }));
        open.one_less();
    }

    fn kind(&self) -> PublishErrorKind {
        match (self.code, self.fate) {
            (Code::MessageSizeTooLarge | Code::InvalidMessageSize | Code::MessageBatchTooLarge, _) => {
                PublishErrorKind::TooLarge
            }
            (Code::UnknownTopic | Code::UnknownTopicOrPartition, _) => PublishErrorKind::NoSuchTopic,
            (Code::UnknownPartition, _) if matches!(self.ticket.partition(), Wanted::Exactly(_)) => {
                PublishErrorKind::NoSuchTopic
            }
            (_, Fate::NotWritten) => PublishErrorKind::NotWritten,
            (_, Fate::Unknown) => PublishErrorKind::Unknown,
        }
    }

    fn message(&self) -> String {
        let topic = &self.ticket.record.topic;
        match (self.code, self.ticket.partition()) {
            (Code::TopicAuthorizationFailed, _) => {
                format!("no right to write to `{topic}`: it takes the ACL `Write` on it")
            }
            (Code::UnknownTopic | Code::UnknownTopicOrPartition, _) => format!("there is no topic `{topic}`"),
            (Code::MessageSizeTooLarge, _) => {
                format!("the record has {} bytes, more than `{topic}` takes", self.ticket.record.body.size())
            }
            (Code::UnknownPartition, Wanted::Exactly(missing)) => {
                format!("the topic `{topic}` has no partition {missing}")
            }
            (Code::InvalidTimestamp, _) => format!(
                "`{topic}` does not take the record's timestamp: compare this machine's clock with the brokers', or look at \
                 the topic's `message.timestamp.before.max.ms` and `message.timestamp.after.max.ms`"
            ),
            (Code::InvalidRecord, _) => format!(
                "`{topic}` does not take records like this one: a compacted topic, for example, takes none without a key"
            ),
            (Code::PurgeQueue | Code::PurgeInflight, _) => "the producer was dropped first".to_owned(),
            (Code::NoError, _) => "the broker has not said where it was written".to_owned(),
            (code, _) => code.to_string(),
        }
    }
}

/// Receives the reports of one client.
pub(super) struct Reports {
    logging: Logging,
    failed: Arc<Mutex<Vec<Failed>>>,
}

impl Reports {
    pub(super) fn new(failed: Arc<Mutex<Vec<Failed>>>) -> Self {
        Self { logging: Logging, failed }
    }
}

impl ClientContext for Reports {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        logging::log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.logging.error(error, reason);
    }

    fn stats_raw(&self, statistics: &[u8]) {
        logging::stats(statistics);
    }
}

impl ProducerContext<NoCustomPartitioner> for Reports {
    type DeliveryOpaque = Box<Ticket>;

    fn delivery(&self, result: &DeliveryResult<'_>, ticket: Box<Ticket>) {
        let (code, fate) = match result {
            Ok(message) if message.offset() == NO_OFFSET => (Code::NoError, Fate::Unknown),
            Ok(message) => {
                return ticket.written(Written { partition: message.partition(), offset: message.offset() });
            }
            Err((error, message)) => (error.rdkafka_error_code().unwrap_or(Code::Fail), fate(message)),
        };
        // Whether it is told or sent again is decided when the client's state is known.
        let failed = Failed { ticket, code, fate, sent: true };
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(failed);
    }
}
