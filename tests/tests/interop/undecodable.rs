//! Keys and values that cannot be decoded: both sides write them to the DLT at once and as they came, and who reads them there.

use kafka_listen::{App, prelude::*};
use kafka_listen_tests::real_kafka::shared;
use serde::Deserialize;

use super::chains::{Both, Dead, Failed, Seen, letter, produce};
use super::compare::{differences, rows_of_cases, rows_of_page};
use super::spring;
use super::support::{Read, lag, read_all, until};

#[derive(Debug, Deserialize)]
struct Order {
    #[expect(dead_code, reason = "it is decoded, and that is all")]
    id: u32,
}

/// The listeners of the class `Undecodable` of the Spring application, by the same topics and groups.
macro_rules! chains {
    ($($name:ident: $topic:literal, $group:literal;)*) => {
        $(
            mod $name {
                use super::{Delivery, Failed, Json, Key, LastError, Order, Origin, Seen, State, dlt_handler, hex, kafka_listener};

                #[kafka_listener(topic = $topic, group = $group, group_naming = "per-topic", attempts = 2, backoff(delay = 200))]
                pub async fn fail(_: Key<u32>, _: Json<Order>) -> Result<(), Failed> {
                    Err(Failed::Boom)
                }

                #[dlt_handler(fail)]
                async fn bury(value: &[u8], it: &Delivery<'_>, of: Origin, error: Option<LastError>, seen: State<Seen>) {
                    seen.0.bury(&hex(value), it, of, error);
                }
            }
        )*
    };
}

chains! {
    consumer_spring: "consumer.spring", "consumer.spring.group";
    consumer_ours: "consumer.ours", "consumer.ours.group";
    parameter_spring: "parameter.spring", "parameter.spring.group";
    parameter_ours: "parameter.ours", "parameter.ours.group";
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Records by what of them cannot be decoded; key and value. The last one of each fails in its handler.
type Records = &'static [(&'static str, &'static [u8], &'static [u8])];

const BY_CONSUMER: Records = &[
    ("a value", b"1", b"\tno JSON \xff\n"),
    ("a key", b"no number", br#"{"id":2}"#),
    ("both", b"no number", b"\tno JSON \xff\n"),
    ("nothing", b"4", br#"{"id":4}"#),
];
const FOR_PARAMETER: Records =
    &[("a value, by a converter", b"1", b"\tno JSON \xff\n"), ("nothing", b"4", br#"{"id":4}"#)];

/// One side reads the source and the retry topic, the other one the DLT: what the handler there saw, and all that is there.
async fn dead_letters(
    source: &str,
    by_spring: bool,
    records: Records,
    listener: impl FnOnce(App) -> App,
) -> (Vec<Dead>, Vec<Read>) {
    let springs: &[_] = if by_spring { &["", "-retry"] } else { &["-dlt"] };
    let springs: Vec<_> = springs.iter().map(|suffix| format!("{source}{suffix}")).collect();
    let both = Both::start(&springs, listener).await;
    records.iter().for_each(|(_, key, value)| produce(source, *key, *value));
    let (dlt, group) = (format!("{source}-dlt"), format!("{source}.group-dlt"));
    let letters = || read_all(shared(), &dlt);
    let is_last = |(_, dead): &(bool, Dead)| usize::try_from(dead.original_offset).unwrap() + 1 == records.len();
    let all_are_read = || both.dead(source).iter().any(is_last) && lag(shared(), &group, &dlt) == 0;
    until("all are read there, and committed", all_are_read).await;
    let dead = both.dead(source);
    both.stop().await;

    assert!(dead.iter().all(|(spring, _)| *spring != by_spring), "by the other side: {dead:?}");
    let bytes: Vec<_> = letters().into_iter().map(|it| (it.key.unwrap(), it.value.unwrap())).collect();
    let came: Vec<_> = records.iter().map(|(_, key, value)| (key.to_vec(), value.to_vec())).collect();
    assert_eq!(bytes, came, "nothing is lost, nothing changes, nothing comes twice");
    (dead.into_iter().map(|(_, dead)| dead).collect(), letters())
}

/// What the dead letters of these records tell, in their order, each with its error.
fn told(source: &str, by_spring: bool, records: Records, errors: &[(&str, &str)]) -> Vec<Dead> {
    let last = records.len() - 1;
    let letters = records.iter().zip(errors).enumerate().map(|(offset, ((.., value), (error, message)))| Dead {
        value: hex(value),
        original_offset: offset.try_into().unwrap(),
        error: Some((*error).to_owned()),
        message: Some((*message).to_owned()),
        ..letter(source, source, if offset == last { 2 } else { 1 }, by_spring)
    });
    letters.collect()
}

const DESERIALIZATION: (&str, &str) =
    ("org.springframework.kafka.support.serializer.DeserializationException", "failed to deserialize");
const CONVERSION: (&str, &str) =
    ("org.springframework.kafka.support.converter.ConversionException", "Listener failed; Failed to convert from JSON");
const REJECTION: (&str, &str) = (
    "serde_json::error::Error",
    "`_: Json<Order>`: the value is no JSON for `interop::undecodable::Order`: expected ident at line 1 column 3",
);
const SPRINGS_BOOM: (&str, &str) = ("java.lang.IllegalStateException", "Listener failed; boom");
const OUR_BOOM: (&str, &str) = ("interop::chains::Failed", "boom");

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_decoded_is_in_the_dlt_at_once_as_it_came_for_whoever_can_read_it() {
    spring();
    let ((of_consumer, letters_of_consumer), (of_ours, letters_of_ours)) = tokio::join!(
        dead_letters("consumer.spring", true, BY_CONSUMER, |app| app.listener(consumer_spring::fail)),
        dead_letters("consumer.ours", false, BY_CONSUMER, |app| app.listener(consumer_ours::fail)),
    );
    let errors = [DESERIALIZATION, DESERIALIZATION, DESERIALIZATION, SPRINGS_BOOM];
    assert_eq!(of_consumer, told("consumer.spring", true, BY_CONSUMER, &errors));
    let last = Dead {
        value: "Order[id=4]".to_owned(),
        original_offset: 3,
        ..letter("consumer.ours", "consumer.ours", 2, false)
    };
    assert_eq!(of_ours, [last], "Spring's consumer passes over the others before its handler is asked");

    let ((of_parameter, letters_of_parameter), (of_ours, more_of_ours)) = tokio::join!(
        dead_letters("parameter.spring", true, FOR_PARAMETER, |app| app.listener(parameter_spring::fail)),
        dead_letters("parameter.ours", false, FOR_PARAMETER, |app| app.listener(parameter_ours::fail)),
    );
    assert_eq!(of_parameter, told("parameter.spring", true, FOR_PARAMETER, &[CONVERSION, SPRINGS_BOOM]));
    assert_eq!(of_ours, told("parameter.ours", false, FOR_PARAMETER, &[REJECTION, OUR_BOOM]));

    let sides = letters_of_consumer.iter().zip(&letters_of_ours).zip(BY_CONSUMER);
    let more = letters_of_parameter.iter().zip(&more_of_ours).zip(FOR_PARAMETER);
    let undecodable = sides.chain(more).filter(|(_, (what, ..))| *what != "nothing");
    let cases: Vec<_> = undecodable.map(|((theirs, ours), (what, ..))| (*what, differences(theirs, ours))).collect();
    assert_eq!(rows_of_cases(&cases), rows_of_page("### What cannot be decoded"));
}
