//! Which memory is held, and when it goes.

use std::sync::Weak;

use super::*;
use crate::record::{Body, HeaderIter};

/// A record as a client hands it over: in a buffer of the client's, which is much larger than it.
struct Buffered {
    body: OwnedBody,
    _buffer: Arc<()>,
}

impl Body for Buffered {
    fn key(&self) -> Option<&[u8]> {
        self.body.key()
    }

    fn value(&self) -> Option<&[u8]> {
        self.body.value()
    }

    fn headers(&self) -> HeaderIter<'_> {
        self.body.headers()
    }
}

/// A record with these headers, and its buffer.
fn buffered(offset: i64, headers: Vec<HeaderBuf>) -> (Record, Weak<()>) {
    let buffer = Arc::new(());
    let (held, body) = (Arc::downgrade(&buffer), OwnedBody { headers, ..OwnedBody::default() });
    (Record::new(offset, record(offset).time, Buffered { body, _buffer: buffer }), held)
}

fn is_held(buffer: &Weak<()>) -> bool {
    buffer.strong_count() > 0
}

#[test]
fn a_record_that_waits_lets_the_clients_buffer_go_and_one_that_starts_is_not_copied() {
    let mut bench = Bench::new(Listening::default());
    let id = bench.assign(1, "t-retry-1000", 0);
    let waits = [1, 0, -1].map(|millis| due_in(millis, "g", bench.now));
    let (records, buffers): (Vec<_>, Vec<_>) = (0..).zip(waits).map(|(offset, due)| buffered(offset, due)).unzip();
    bench.fetch(id, records);
    assert_eq!(buffers.iter().map(is_held).collect::<Vec<_>>(), [false, true, true]);
    assert_eq!(bench.started(), [vec![2, 1]]);
}

#[test]
fn a_pause_between_tries_in_place_lets_the_clients_buffer_go_and_a_try_at_once_does_not_copy() {
    for (pause, held) in [(Duration::from_secs(1), false), (Duration::ZERO, true)] {
        let in_place = InPlace::new(2, pause, 1.0, None).unwrap();
        let mut bench = Bench::new(Listening { in_place: Some(in_place), ..Listening::default() });
        let id = bench.assign(1, "t", 0);
        let (record, buffer) = buffered(0, Vec::new());
        bench.fetch(id, vec![record]);
        bench.end_run(&[0]);
        assert_eq!(is_held(&buffer), held, "{pause:?}");
    }
}

#[test]
fn what_did_not_start_goes_when_what_ran_has_ended_though_its_copy_is_not_acknowledged() {
    let mut bench = Bench::new(Listening { attempts: None, ..Listening::default() });
    let id = bench.assign(1, "t", 0);
    bench.fetch(id, vec![record(0)]);
    bench.give(Event::Readable(id));
    let (behind, buffer) = buffered(1, Vec::new());
    bench.fetch(id, vec![behind]);
    assert!(is_held(&buffer));
    bench.give(Event::Revoked { ids: vec![id], lost: false });
    assert!(is_held(&buffer), "what runs may give back what stands in front of it");
    bench.fail_first(FailureKind::Rejection);
    assert!(!is_held(&buffer));
}

#[test]
fn the_bytes_of_a_lost_partition_are_free() {
    let limits = Limits { window: 100, partition_bytes: 100, total_bytes: 20 };
    let mut bench = Bench::new(Listening { limits, ..Listening::default() });
    let (hoarder, other) = (bench.assign(1, "t", 0), bench.assign(2, "t", 1));
    bench.fetch(hoarder, (0..10).map(record).collect());
    bench.fetch(other, (0..5).map(record).collect());
    bench.give(Event::Readable(other));
    assert!(bench.takes.is_empty(), "it has had its share");
    bench.give(Event::Revoked { ids: vec![hoarder], lost: true });
    assert!(matches!(bench.takes[..], [(asking, Room { bytes: 5, .. })] if asking == other), "{:?}", bench.takes);
}
