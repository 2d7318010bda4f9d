//! librdkafka's queues: messages of one partition, or events of a client, and a call when there is something in them.

use std::ffi::c_void;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::time::Duration;

use rdkafka::producer::{BaseProducer, Producer, ProducerContext};
use rdkafka_sys as sys;

use super::client::GroupClient;
use super::message::{Message, Messages};

type Call = Box<dyn Fn() + Send + Sync>;

/// A handle on a queue.
pub(super) struct Queue {
    raw: NonNull<sys::rd_kafka_queue_t>,
    /// Boxed twice: librdkafka keeps one thin pointer to it.
    call: Option<Box<Call>>,
}

// SAFETY: librdkafka guards its queues with locks of their own; a handle may be used and destroyed in any thread.
unsafe impl Send for Queue {}
// SAFETY: as above.
unsafe impl Sync for Queue {}

impl Queue {
    /// # Safety
    /// `raw` is null or a handle that nobody else destroys, and it is dropped before its client.
    pub(super) unsafe fn own(raw: *mut sys::rd_kafka_queue_t) -> Option<Self> {
        Some(Self { raw: NonNull::new(raw)?, call: None })
    }

    pub(super) fn raw(&self) -> *mut sys::rd_kafka_queue_t {
        self.raw.as_ptr()
    }

    /// How many entries wait, such that are no message included.
    pub(super) fn len(&self) -> usize {
        // SAFETY: the handle is valid.
        unsafe { sys::rd_kafka_queue_length(self.raw()) }
    }

    /// Has `call` called, from any thread and under the queue's lock, whenever the queue is empty no longer.
    pub(super) fn on_readable(&mut self, call: impl Fn() + Send + Sync + 'static) {
        let call: Box<Call> = Box::new(Box::new(call));
        let opaque = ptr::from_ref::<Call>(&call).cast_mut().cast();
        // SAFETY: the box is kept in `self` and freed only after `drop` has taken the call back. An earlier call, if
        // any, is freed below, when the queue knows it no more.
        unsafe { sys::rd_kafka_queue_cb_event_enable(self.raw(), Some(readable), opaque) }
        self.call = Some(call);
    }
}

/// # Safety
/// `call` points to a [`Call`]: librdkafka passes on what [`Queue::on_readable`] gave it.
unsafe extern "C" fn readable(_: *mut sys::rd_kafka_t, call: *mut c_void) {
    // SAFETY: by the caller's word; it lives until the queue lets it go, for which it takes the lock that is held here.
    unsafe { (*call.cast::<Call>())() }
}

impl Drop for Queue {
    fn drop(&mut self) {
        // SAFETY: taking the call back waits for one that is running, so the box may be freed after it. The handle is
        // ours and used for the last time.
        unsafe {
            sys::rd_kafka_queue_cb_event_enable(self.raw(), None, ptr::null_mut());
            sys::rd_kafka_queue_destroy(self.raw());
        }
    }
}

/// The queue of one partition, cut off from the consumer's: what is fetched waits here, bounded, until it is read.
pub(in super::super) struct PartitionQueue {
    queue: Queue,
    /// Keeps the client from being destroyed under its queue.
    _client: Arc<GroupClient>,
}

impl PartitionQueue {
    pub(super) fn new(queue: Queue, client: Arc<GroupClient>) -> Self {
        Self { queue, _client: client }
    }

    /// Takes up to `most` messages out, without waiting.
    pub(in super::super) fn read(&self, most: usize) -> Messages {
        let mut batch = [ptr::null_mut(); Messages::MOST];
        let most = most.min(Messages::MOST);
        // SAFETY: the array has room for `most` pointers.
        let count = unsafe { sys::rd_kafka_consume_batch_queue(self.queue.raw(), 0, batch.as_mut_ptr(), most) };
        let read = &batch[..usize::try_from(count).unwrap_or(0)];
        // SAFETY: these pointers were written, each to a message that is now ours.
        Messages::of(
            read.iter().filter_map(|&raw| NonNull::new(raw)).map(|raw| unsafe { Message::own(raw) }),
            read.len(),
        )
    }

    /// Whether nothing waits; what comes later is announced by the queue's call.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.queue.len() == 0
    }

    /// Frees what was fetched ahead and will not be read: it would stay until the partition comes back. To be called
    /// when the partition is assigned no longer: one read then finds nothing, and throws all away that is outdated.
    pub(in super::super) fn discard(self) {
        self.read(Messages::MOST);
    }
}

/// The queue on which a producer's reports come: tells when to poll it. The producer's own waiting poll spins for the last
/// millisecond of its time.
pub(in super::super) struct ReportQueue<C: ProducerContext + 'static> {
    /// Before the producer: a queue must go first.
    queue: Queue,
    producer: Arc<BaseProducer<C>>,
}

impl<C: ProducerContext + 'static> ReportQueue<C> {
    /// `wake` is called, from any thread, when there is something to serve.
    pub(in super::super) fn of(
        producer: Arc<BaseProducer<C>>,
        wake: impl Fn() + Send + Sync + 'static,
    ) -> Option<Self> {
        // SAFETY: the client is valid. The handle is new, and stands before the producer in the struct.
        let mut queue = unsafe { Queue::own(sys::rd_kafka_queue_get_main(producer.client().native_ptr())) }?;
        queue.on_readable(wake);
        Some(Self { queue, producer })
    }

    pub(in super::super) fn producer(&self) -> &Arc<BaseProducer<C>> {
        &self.producer
    }

    /// Hands all reports that wait to the producer's context.
    pub(in super::super) fn serve(&self) {
        while self.queue.len() > 0 {
            self.producer.poll(Duration::ZERO);
        }
    }
}
