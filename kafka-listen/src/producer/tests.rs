//! The producer against a port that answers as each test wants.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use super::{Producer, SendError, SendErrorKind};
use crate::broker::{BoxFuture, Full, ProducerPort, Receipt};
use crate::clock::Timestamp;
use crate::record::{HeaderBuf, Outgoing, PublishError, PublishErrorKind, Wanted, Written};

/// Takes records until `room` is used up, and keeps their receipts for the test to call.
#[derive(Default)]
struct Port(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    room: usize,
    /// After so many refusals there is room.
    patience: Option<usize>,
    refused: usize,
    taken: Vec<Outgoing>,
    receipts: VecDeque<Receipt>,
}

impl Port {
    fn with_room(room: usize) -> (Arc<Self>, Producer) {
        let port = Arc::new(Self(Mutex::new(Inner { room, ..Inner::default() })));
        (Arc::clone(&port), Producer::new(port))
    }

    fn taken(&self) -> Vec<Outgoing> {
        self.0.lock().unwrap().taken.clone()
    }

    fn refused(&self) -> usize {
        self.0.lock().unwrap().refused
    }

    fn make_room(&self) {
        self.0.lock().unwrap().room += 1;
    }

    fn answer(&self, answer: Result<Written, PublishError>) {
        let receipt = self.0.lock().unwrap().receipts.pop_front().expect("a record was taken");
        receipt(answer);
    }

    fn forget_receipts(&self) {
        self.0.lock().unwrap().receipts.clear();
    }
}

impl ProducerPort for Port {
    fn send(&self, record: Outgoing, receipt: Receipt) -> Result<(), Full> {
        let mut inner = self.0.lock().unwrap();
        if inner.room == 0 && *record.topic != *"another" {
            inner.refused += 1;
            assert!(inner.refused < 1000, "a busy loop");
            if inner.patience == Some(inner.refused) {
                inner.room = 9;
            }
            return Err(Full { record, receipt });
        }
        inner.room = inner.room.saturating_sub(1);
        inner.taken.push(record);
        inner.receipts.push_back(receipt);
        Ok(())
    }

    fn flush(&self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

const WRITTEN: Written = Written { partition: 2, offset: 40 };

/// Polls once; the futures here are woken by tests only.
async fn is_ready<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
}

/// What a future yields at its first poll.
async fn at_once<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(output),
        Poll::Pending => panic!("it waits for something"),
    })
    .await
}

#[tokio::test]
async fn a_record_is_written_as_it_was_put_together() {
    let (port, producer) = Port::with_room(1);
    let draft = producer.to("orders").key("k").header("h", "1").header("h", [0xff]).partition(2);
    let sent = draft.timestamp(Timestamp::from_millis(5)).json(&[1, 2]).unwrap().send();
    let mut sent = pin!(sent);
    assert!(!is_ready(sent.as_mut()).await, "not before the broker's answer");
    port.answer(Ok(WRITTEN));
    assert_eq!(sent.await.unwrap(), WRITTEN);

    let record = port.taken().pop().unwrap();
    assert_eq!((record.topic.as_str(), record.partition), ("orders", Wanted::Exactly(2)));
    assert_eq!(record.timestamp, Some(Timestamp::from_millis(5)));
    let body = record.body.to_owned_body();
    assert_eq!((body.key, body.value), (Some("k".into()), Some("[1,2]".into())));
    assert_eq!(body.headers, [HeaderBuf::new("h", "1"), HeaderBuf::new("h", vec![0xff])]);
}

#[tokio::test]
async fn text_bytes_and_nothing_are_values_too() {
    let (port, producer) = Port::with_room(3);
    for unsent in [producer.to("t").text("a"), producer.to("t").bytes(vec![0xff]), producer.to("t").tombstone()] {
        assert!(!is_ready(pin!(unsent.send())).await);
    }
    let values: Vec<_> = port.taken().into_iter().map(|record| record.body.to_owned_body().value).collect();
    assert_eq!(values, [Some("a".into()), Some(vec![0xff].into()), None]);
}

#[tokio::test]
async fn many_records_are_on_their_way_at_once() {
    let (port, producer) = Port::with_room(2);
    let mut first = pin!(producer.to("t").text("1").send());
    let mut second = pin!(producer.to("t").text("2").send());
    assert!(!is_ready(first.as_mut()).await && !is_ready(second.as_mut()).await);
    assert_eq!(port.taken().len(), 2);
    port.answer(Ok(WRITTEN));
    port.answer(Ok(Written { partition: 2, offset: 41 }));
    assert_eq!((first.await.unwrap().offset, second.await.unwrap().offset), (40, 41));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_is_waited_for_without_a_busy_loop() {
    let (port, producer) = Port::with_room(0);
    let sent = tokio::spawn(producer.to("t").text("v").send());
    tokio::time::sleep(Duration::from_secs(10)).await;
    // 1 + 2 + … + 64 ms, then every 64 ms.
    assert!((100..200).contains(&port.refused()), "{} tries in ten seconds", port.refused());
    assert_eq!(port.taken().len(), 0);
    port.make_room();
    tokio::time::sleep(Duration::from_millis(64)).await;
    port.answer(Ok(WRITTEN));
    assert_eq!(sent.await.unwrap().unwrap(), WRITTEN);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_place_is_overtaken_by_nobody_and_holds_up_no_other_destination() {
    let (port, producer) = Port::with_room(0);
    // Between the tries of one and those of the next, were they to try by turns.
    port.0.lock().unwrap().patience = Some(5);
    let given_up = tokio::spawn(producer.to("t").text("given up").send());
    tokio::task::yield_now().await;
    let waiting = ["1", "2", "3"].map(|text| tokio::spawn(producer.to("t").text(text).send()));
    tokio::task::yield_now().await;
    given_up.abort();
    drop(tokio::spawn(producer.to("another").text("elsewhere").send()));
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(tokio::spawn(producer.to("t").text("4").send()));
    tokio::task::yield_now().await;
    let values: Vec<_> = port.taken().into_iter().map(|record| record.body.to_owned_body().value.unwrap()).collect();
    assert_eq!(values, ["elsewhere", "1", "2", "3", "4"]);
    drop(waiting);
}

#[tokio::test]
async fn what_cannot_be_is_an_error_before_anything_is_sent() {
    let (port, producer) = Port::with_room(9);
    let refused = [
        at_once(producer.to("no good").text("v").send()).await,
        at_once(producer.to("t").partition(-1).text("v").send()).await,
        at_once(producer.to("t").timestamp(Timestamp::from_millis(-1)).text("v").send()).await,
        producer.to("t").json(&std::collections::HashMap::from([((1, 2), 3)])).map(|_| WRITTEN),
    ];
    let kinds = refused.each_ref().map(|refused| refused.as_ref().unwrap_err().kind());
    let invalid = SendErrorKind::Invalid;
    assert_eq!(kinds, [invalid, invalid, invalid, SendErrorKind::Encode]);
    assert_eq!(
        refused[0].as_ref().unwrap_err().to_string(),
        "a record for `no good` was not sent: the topic name `no good` has the character ' '; Kafka takes letters, \
         digits, `.`, `_` and `-` (nothing was sent)"
    );
    assert!(port.taken().is_empty());
}

#[tokio::test]
async fn a_refusal_says_what_can_be_done() {
    let (port, producer) = Port::with_room(9);
    let table = [
        (PublishErrorKind::NotWritten, SendErrorKind::NotWritten, "sending it again is safe"),
        (PublishErrorKind::NoSuchTopic, SendErrorKind::NoSuchTopic, "create the topic"),
        (PublishErrorKind::TooLarge, SendErrorKind::TooLarge, "max.message.bytes"),
        (PublishErrorKind::Unknown, SendErrorKind::Unknown, "may write it twice"),
    ];
    for (answer, kind, cure) in table {
        let mut sent = pin!(producer.to("t").text("v").send());
        assert!(!is_ready(sent.as_mut()).await);
        let record = port.taken().pop().unwrap();
        port.answer(Err(PublishError { kind: answer, message: "the broker said no".to_owned(), record }));
        let error = sent.await.unwrap_err();
        assert_eq!((error.kind(), error.topic()), (kind, "t"));
        let text = error.to_string();
        assert!(text.contains("the broker said no") && text.contains(cure), "{text}");
    }
}

#[tokio::test]
async fn a_producer_that_ends_without_an_answer_leaves_it_open() {
    let (port, producer) = Port::with_room(1);
    let mut sent = pin!(producer.to("t").text("v").send());
    assert!(!is_ready(sent.as_mut()).await);
    port.forget_receipts();
    assert_eq!(sent.await.unwrap_err().kind(), SendErrorKind::Unknown);
}

#[tokio::test]
async fn a_dropped_future_takes_nothing_back() {
    let (port, producer) = Port::with_room(1);
    assert!(!is_ready(pin!(producer.to("t").text("v").send())).await);
    port.answer(Ok(WRITTEN));
    assert_eq!(port.taken().len(), 1);
}

#[test]
fn futures_and_errors_can_go_to_other_threads() {
    fn movable<T: Send + 'static>(_: T) {}
    let (_port, producer) = Port::with_room(1);
    movable(producer.to("t").text("v").send());
    fn is_error<E: std::error::Error + Send + Sync + 'static>() {}
    is_error::<SendError>();
}
