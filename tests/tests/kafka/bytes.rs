//! What goes through a chain comes out byte for byte.

use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;
use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen_tests::real_kafka::shared;
use rdkafka::message::BorrowedMessage;
use rdkafka::producer::{BaseProducer, Producer as _};
use rdkafka_sys as sys;

use super::support::{PATIENCE, app, client, create_topic, read_all, until};

/// The headers of a message with their names as bytes: the client's own type takes names for UTF-8.
pub fn raw_headers(message: &BorrowedMessage<'_>) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let mut headers = ptr::null_mut();
    // SAFETY: the message outlives the call, and its headers live as long as it does.
    if unsafe { sys::rd_kafka_message_headers(message.ptr(), &mut headers) }
        != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR
    {
        return Vec::new();
    }
    let read = |index| {
        let (mut name, mut value, mut size) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the out pointers are valid, and what they are set to lives as long as the headers.
        unsafe {
            let found = sys::rd_kafka_header_get_all(headers, index, &mut name, &mut value, &mut size);
            if found != sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
                return None;
            }
            let value = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size).to_vec());
            Some((CStr::from_ptr(name).to_bytes().to_vec(), value))
        }
    };
    (0..).map_while(read).collect()
}

/// Writes one record with headers of any bytes.
fn produce_raw(producer: &BaseProducer, topic: &str, key: &[u8], value: &[u8], headers: &[(&[u8], Option<&[u8]>)]) {
    let name = CString::new(topic).unwrap();
    // SAFETY: every pointer is valid for the call; the payload is copied, and the headers are handed over.
    let error = unsafe {
        let list = sys::rd_kafka_headers_new(headers.len());
        for (name, value) in headers {
            let (pointer, size) =
                value.map_or((ptr::null(), -1), |value| (value.as_ptr().cast::<c_void>(), value.len() as isize));
            sys::rd_kafka_header_add(list, name.as_ptr().cast::<c_char>(), name.len() as isize, pointer, size);
        }
        use sys::rd_kafka_vtype_t as vtype;
        sys::rd_kafka_producev(
            producer.client().native_ptr(),
            vtype::RD_KAFKA_VTYPE_TOPIC,
            name.as_ptr(),
            vtype::RD_KAFKA_VTYPE_MSGFLAGS,
            sys::RD_KAFKA_MSG_F_COPY,
            vtype::RD_KAFKA_VTYPE_KEY,
            key.as_ptr().cast::<c_void>(),
            key.len(),
            vtype::RD_KAFKA_VTYPE_VALUE,
            value.as_ptr().cast::<c_void>(),
            value.len(),
            vtype::RD_KAFKA_VTYPE_HEADERS,
            list,
            vtype::RD_KAFKA_VTYPE_END,
        )
    };
    assert_eq!(error, sys::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR);
    producer.flush(PATIENCE).unwrap();
}

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
