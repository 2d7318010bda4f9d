//! What goes through a chain comes out byte for byte.

use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;
use rdkafka::producer::BaseProducer;

use super::raw::produce_raw;
use super::support::{app, client, create_topic, read_all, until};

#[kafka_listener(topic = "bytes", group = "bytes-group", attempts = 3, backoff(delay = 50, multiplier = 2))]
async fn refuse(value: Option<&[u8]>) -> Result<(), String> {
    Err(format!("{} bytes refused", value.map_or(0, <[u8]>::len)))
}

#[tokio::test(flavor = "multi_thread")]
async fn large_compressed_and_strange_records_pass_the_chain_byte_equal() {
    let kafka = shared();
    create_topic("bytes", 1, &[("max.message.bytes", "5242880")]);
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let squeezable = vec![b'z'; 8_000_000];
    let strange: [(&[u8], Option<&[u8]>); 5] = [
        (b"twice", Some(b"1")),
        (b"null", None),
        (b"twice", Some(b"2")),
        (b"\xff\xfe", Some(b"\x80")),
        (b"empty", Some(b"")),
    ];
    let plain: BaseProducer = client(kafka).set("message.max.bytes", "10000000").create().unwrap();
    let squeezing: BaseProducer =
        client(kafka).set("message.max.bytes", "10000000").set("compression.codec", "gzip").create().unwrap();
    produce_raw(&plain, "bytes", b"large", &large, &[]);
    produce_raw(&squeezing, "bytes", b"squeezed", &squeezable, &[]);
    produce_raw(&plain, "bytes", b"\xffkey", b"\xffvalue", &strange);

    let running = app().listener(refuse).start().await.unwrap();
    let mut letters = Vec::new();
    let mut looked = std::time::Instant::now() - Duration::from_secs(1);
    until("all three are dead letters", || {
        if looked.elapsed() > Duration::from_millis(300) {
            letters = read_all(kafka, "bytes-dlt");
            looked = std::time::Instant::now();
        }
        letters.len() == 3
    })
    .await;
    running.stop().await;

    let letter = |key: &[u8]| letters.iter().find(|it| it.key.as_deref() == Some(key)).unwrap();
    assert!(letter(b"large").value.as_deref() == Some(&large[..]), "3 MB, unchanged");
    assert!(letter(b"squeezed").value.as_deref() == Some(&squeezable[..]), "8 MB that are small when compressed");
    let odd = letter(b"\xffkey");
    assert_eq!(odd.value.as_deref(), Some(&b"\xffvalue"[..]));
    let kept: Vec<_> = odd.headers.iter().take(5).map(|(name, value)| (&name[..], value.as_deref())).collect();
    assert_eq!(kept, strange);
    assert_eq!(odd.header("retry_topic-attempts"), Some(&4_i32.to_be_bytes()[..]));
}
