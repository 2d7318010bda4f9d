//! What came of a batch: each record goes its own way, whatever its neighbours do.

use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen::testing::TestKafka;

use crate::support::{Notes, failed, header, millis, seconds, send};

#[derive(serde::Deserialize)]
struct Mail<'m> {
    to: &'m str,
}

/// Sends these to one partition, and lets the listeners of `app` end them.
async fn handled(app: impl FnOnce(App) -> App, texts: &[&str]) -> (TestKafka, Vec<String>) {
    let (mut kafka, notes) = (TestKafka::new(), Notes::default());
    kafka.create_topic("t", 1);
    for text in texts {
        send(&kafka, "t", 0, text).await;
    }
    kafka.start(app(kafka.app()).state(notes.clone())).await.unwrap();
    kafka.settle().await;
    assert_eq!(kafka.lag("test", "t"), 0);
    (kafka, notes.all())
}

/// The values of the dead letters, with what each says of its error.
fn dead(kafka: &TestKafka) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let dead = kafka.dead_letters("t");
    let told = dead.iter().map(|it| {
        let message = header(&it.headers, "kafka_exception-message").unwrap();
        (text(it.value.as_deref().unwrap()), text(message))
    });
    told.collect()
}

#[kafka_listener(topic = "t", attempts = 2, backoff(delay = "1s"), batch(max = 10, wait = "10ms"))]
async fn mixed(texts: Vec<&str>, State(notes): State<Notes>) -> Vec<Result<(), String>> {
    notes.add(texts.join(" "));
    texts.iter().map(|text| if text.starts_with("bad") { Err(format!("{text} fails")) } else { Ok(()) }).collect()
}

#[tokio::test(start_paused = true)]
async fn each_failed_record_takes_its_own_way_and_the_others_are_handled() {
    let (kafka, notes) = handled(|app| app.listener(mixed), &["a", "bad1", "b", "bad2"]).await;
    assert_eq!(notes, ["a bad1 b bad2", "bad1 bad2"]);
    let expected = [("bad1", "bad1 fails"), ("bad2", "bad2 fails")];
    assert_eq!(dead(&kafka), expected.map(|(value, message)| (value.to_owned(), message.to_owned())));
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 10, wait = "10ms"))]
async fn all_or_nothing(texts: Vec<&str>) -> Result<(), String> {
    Err(format!("{} at once are too many", texts.len()))
}

#[tokio::test(start_paused = true)]
async fn one_error_fails_every_record() {
    let (kafka, _) = handled(|app| app.listener(all_or_nothing), &["a", "b"]).await;
    assert_eq!(dead(&kafka).len(), 2);
    assert!(dead(&kafka).iter().all(|(_, message)| message == "2 at once are too many"));
}

#[kafka_listener(topic = "t", attempts = 3, batch(max = 10, wait = "10ms"))]
async fn mails(mails: Vec<Json<Mail<'_>>>, State(notes): State<Notes>) -> Vec<Result<(), String>> {
    notes.add(mails.iter().map(|mail| mail.to).collect::<Vec<_>>().join(" "));
    vec![Ok(()); mails.len()]
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_goes_to_the_dlt_by_itself_and_the_others_reach_the_handler() {
    let (kafka, notes) = handled(|app| app.listener(mails), &["x", r#"{"to":"a"}"#, "[", r#"{"to":"b"}"#]).await;
    assert_eq!(notes, ["a b"]);
    let dead = dead(&kafka);
    assert_eq!(dead.iter().map(|(value, _)| &**value).collect::<Vec<_>>(), ["x", "["], "with its bytes");
    assert!(dead[0].1.starts_with("`mails: Vec<Json<Mail<'_>>>`: the value is no JSON"), "{}", dead[0].1);
    assert_eq!(failed(&kafka).len(), 2, "at once: trying again would be useless");
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_which_nothing_can_be_read_reaches_no_handler() {
    let (kafka, notes) = handled(|app| app.listener(mails), &["x", "["]).await;
    assert_eq!((notes.len(), dead(&kafka).len()), (0, 2));
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 10, wait = "10ms"))]
async fn as_they_are(all: Vec<Result<(Offset, Json<Mail<'_>>), Rejection>>, State(notes): State<Notes>) {
    for item in all {
        notes.add(match item {
            Ok((Offset(offset), Json(mail))) => format!("{offset} to {}", mail.to),
            Err(rejection) => format!("rejected: {rejection}"),
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_asks_for_rejections_gets_them() {
    let (kafka, notes) = handled(|app| app.listener(as_they_are), &[r#"{"to":"a"}"#, "x"]).await;
    assert_eq!(notes[0], "0 to a");
    assert!(notes[1].starts_with("rejected: the value is no JSON"), "{}", notes[1]);
    assert!(dead(&kafka).is_empty());
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 10, wait = "10ms"))]
async fn one_result_short(mails: Vec<Json<Mail<'_>>>) -> Vec<Result<(), String>> {
    vec![Ok(()); mails.len() - 1]
}

#[tokio::test(start_paused = true)]
async fn a_wrong_number_of_results_fails_all_that_were_handled() {
    let (kafka, _) = handled(|app| app.listener(one_result_short), &[r#"{"to":"a"}"#, "x", r#"{"to":"b"}"#]).await;
    let dead = dead(&kafka);
    assert_eq!(dead.len(), 3);
    assert!(dead[1].1.contains("the value is no JSON"), "it was rejected, and that is what it tells");
    let message = "the handler returned 1 results for 2 records: a batch needs one for each, in their order";
    assert!(dead[0].1 == message && dead[2].1 == message, "{dead:?}");
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 10, wait = "10ms"))]
async fn panicking(texts: Vec<&str>) {
    assert!(texts.len() > 5, "only {}", texts.len());
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_every_record() {
    let (kafka, _) = handled(|app| app.listener(panicking), &["a", "b"]).await;
    assert!(dead(&kafka).iter().all(|(_, message)| message == "only 2"));
    assert_eq!(dead(&kafka).len(), 2);
}

struct Fragile;

impl<'d> FromDelivery<'d> for Fragile {
    fn from_delivery(delivery: &'d Delivery<'d>) -> Result<Self, Rejection> {
        assert_ne!(delivery.value(), Some(&b"boom"[..]), "it went off");
        Ok(Self)
    }
}

#[kafka_listener(topic = "t", attempts = 1, batch(max = 10, wait = "10ms"))]
async fn fragile(items: Vec<Fragile>, State(notes): State<Notes>) {
    notes.add(items.len().to_string());
}

#[tokio::test(start_paused = true)]
async fn an_extractors_panic_is_that_of_its_record_alone() {
    let (kafka, notes) = handled(|app| app.listener(fragile), &["a", "boom", "b"]).await;
    assert_eq!(notes, ["2"]);
    let dead = dead(&kafka);
    assert!(dead.len() == 1 && dead[0].1.contains("it went off"), "{dead:?}");
}

#[kafka_listener(topic = "t", attempts = 1, handler_timeout = "1s", batch(max = 10, wait = "10ms"))]
async fn endless(_: Vec<Json<Mail<'_>>>) {
    std::future::pending::<()>().await;
}

#[tokio::test(start_paused = true)]
async fn the_timeout_is_that_of_the_whole_batch() {
    let (kafka, _) = handled(|app| app.listener(endless), &[r#"{"to":"a"}"#, "x", r#"{"to":"b"}"#]).await;
    let dead = dead(&kafka);
    let late = |message: &str| message.starts_with("the handler took longer than its `handler_timeout`, 1s");
    assert!(late(&dead[0].1) && late(&dead[2].1) && !late(&dead[1].1), "{dead:?}");
    assert!(kafka.deliveries().iter().all(|delivery| delivery.at == millis(1010)), "{:?}", kafka.deliveries());
}

#[expect(clippy::ptr_arg, reason = "`classify` is given the handler's own type of error")]
fn by_text(error: &String) -> Decision {
    match error.as_str() {
        "spam" => Decision::Discard("spam".into()),
        "later" => Decision::RetryAfter(seconds(30)),
        _ => Decision::DeadLetter,
    }
}

#[kafka_listener(topic = "t", attempts = 3, backoff(delay = "1s"), classify = by_text, batch(max = 10, wait = "10ms"))]
async fn classified(texts: Vec<(&str, Attempt)>) -> Vec<Result<(), String>> {
    let is_bad = |text: &str, attempt: &Attempt| text != "ok" && attempt.number == 1;
    texts.iter().map(|(text, attempt)| if is_bad(text, attempt) { Err((*text).to_owned()) } else { Ok(()) }).collect()
}

#[tokio::test(start_paused = true)]
async fn each_error_is_judged_by_itself() {
    let (kafka, _) = handled(|app| app.listener(classified), &["ok", "spam", "later", "dead"]).await;
    assert_eq!(dead(&kafka), [("dead".to_owned(), "dead".to_owned())]);
    let retried = kafka.deliveries().into_iter().find(|delivery| delivery.topic == "t-retry").unwrap();
    assert_eq!(retried.at, seconds(30) + millis(10));
}

#[kafka_listener(topic = "t", blocking(attempts = 3, delay = "1s"), batch(max = 3, wait = "10ms"))]
async fn in_place(texts: Vec<(&str, Attempt)>, State(notes): State<Notes>) -> Vec<Result<(), String>> {
    notes.add(texts.iter().map(|(text, attempt)| format!("{text}/{}", attempt.in_place)).collect::<Vec<_>>().join(" "));
    let fails = |text: &str, attempt: &Attempt| text == "bad" || text == "late" && attempt.in_place < 2;
    texts.iter().map(|(text, attempt)| if fails(text, attempt) { Err("no".to_owned()) } else { Ok(()) }).collect()
}

#[tokio::test(start_paused = true)]
async fn in_place_what_failed_is_tried_again_by_itself_before_the_next_batch() {
    let (kafka, notes) = handled(|app| app.listener(in_place), &["bad", "a", "late", "b", "c"]).await;
    assert_eq!(notes, ["bad/1 a/1 late/1", "bad/2 late/2", "bad/3", "b/1 c/1"]);
    assert_eq!(dead(&kafka).len(), 1);
    assert_eq!(kafka.deliveries().last().unwrap().at, Duration::from_secs(2));
}

#[kafka_listener(topic = "t", batch(max = 3, wait = "10ms"))]
async fn never(texts: Vec<&str>, State(notes): State<Notes>) -> Result<(), String> {
    notes.add(texts.len().to_string());
    Err("never".to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_listener_that_says_nothing_of_retries_tries_its_batches_ten_times_in_place() {
    let (kafka, notes) = handled(|app| app.listener(never), &["a", "b", "c", "d"]).await;
    assert_eq!(notes.iter().filter(|size| *size == "3").count(), 10);
    assert_eq!(notes.iter().filter(|size| *size == "1").count(), 10, "and the next batch is not drawn in");
    assert_eq!(dead(&kafka).len(), 4);
}
