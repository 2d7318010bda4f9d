//! What a handler writes belongs to the trace of the record that it handles.

use kafka_listen::HeaderBuf;
use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{header, send};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[kafka_listener(topic = "t", attempts = 3)]
async fn forwards(text: &str, attempt: Attempt, producer: Producer) -> Result<Reply<()>, kafka_listen::SendError> {
    if attempt.number < 2 {
        producer.to("no such topic").text("").send().await?;
    }
    let draft = producer.to("out").key("draft");
    let draft = match text {
        "own parent" => draft.header("traceparent", "own"),
        "own state" => draft.header("tracestate", "own"),
        "own baggage" => draft.header("baggage", "own"),
        _ => draft,
    };
    draft.text(text).send().await?;
    Ok(Reply::to("out", ()).key("reply"))
}

/// The headers of what was written last with this key.
fn headers(kafka: &TestKafka, key: &str) -> Vec<HeaderBuf> {
    let with_key = |it: &kafka_listen::testing::StoredRecord| it.key.as_deref() == Some(key.as_bytes());
    kafka.records("out").into_iter().rev().find(with_key).unwrap().headers
}

fn texts(headers: &[HeaderBuf]) -> [Option<&str>; 4] {
    let names = ["traceparent", "tracestate", "baggage", "kafka_correlationId"];
    names.map(|name| header(headers, name).map(|value| std::str::from_utf8(value).unwrap()))
}

async fn traced(kafka: &TestKafka, text: &str) {
    let draft = kafka.producer().to("t").header("traceparent", "old").header("traceparent", PARENT);
    let draft = draft.header("tracestate", "a=1").header("baggage", "tenant=acme").header("kafka_correlationId", "17");
    draft.header("x-other", "x").text(text).send().await.unwrap();
    kafka.settle().await;
}

#[tokio::test(start_paused = true)]
async fn the_trace_goes_with_what_is_written_through_retries_unless_it_is_set() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.create_topic("out", 1);
    kafka.start(kafka.app().listener(forwards)).await.unwrap();
    let (state, baggage) = (Some("a=1"), Some("tenant=acme"));
    traced(&kafka, "x").await;
    assert_eq!(texts(&headers(&kafka, "draft")), [Some(PARENT), state, baggage, None]);
    assert_eq!(headers(&kafka, "draft").len(), 3, "and nothing else");
    assert_eq!(texts(&headers(&kafka, "reply")), [Some(PARENT), state, baggage, Some("17")]);
    for (text, expected) in [
        ("own parent", [Some("own"), None, baggage, None]),
        ("own state", [None, Some("own"), baggage, None]),
        ("own baggage", [Some(PARENT), state, Some("own"), None]),
    ] {
        traced(&kafka, text).await;
        let headers = headers(&kafka, "draft");
        assert_eq!((texts(&headers), headers.len()), (expected, expected.iter().flatten().count()), "{text}");
    }
    send(&kafka, "t", 0, "untraced").await;
    kafka.settle().await;
    assert!(headers(&kafka, "draft").is_empty(), "what was read has none");
    assert!(headers(&kafka, "reply").is_empty());
}

#[kafka_listener(topic = "t", group = "batch", attempts = 1, batch(max = 10, wait = 0))]
async fn together(texts: Vec<&str>, producer: Producer) -> Result<(), kafka_listen::SendError> {
    producer.to("out").key("draft").text(texts.join(" ")).send().await.map(drop)
}

#[tokio::test(start_paused = true)]
async fn what_is_written_for_a_batch_belongs_to_no_records_trace() {
    let mut kafka = TestKafka::new();
    kafka.create_topic("t", 1);
    kafka.create_topic("out", 1);
    kafka.start(kafka.app().listener(together)).await.unwrap();
    traced(&kafka, "x").await;
    assert!(headers(&kafka, "draft").is_empty());
}
