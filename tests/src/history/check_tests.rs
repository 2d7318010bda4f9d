//! Negative controls of the judge: a history without fault passes, and whatever is broken in it is found.

use super::*;
use crate::history::Told;

/// A record handled at once, one that fails for good and one that is well at its second delivery; all committed.
fn good() -> History {
    let mut history = History { source: "t".to_owned(), group: "g".to_owned(), ..History::default() };
    for offset in 0..3 {
        store(&mut history, "t", offset, offset, None);
    }
    deliver(&mut history, ("t", 0), 0, 1, 1_000, Ending::Handled);
    deliver(&mut history, ("t", 1), 1, 1, 2_000, Ending::Failed);
    store(&mut history, "t-retry", 0, 1, Some((2, 1, 3)));
    deliver(&mut history, ("t", 2), 2, 1, 3_000, Ending::Failed);
    store(&mut history, "t-retry", 1, 2, Some((2, 2, 4)));
    commit(&mut history, "t", 3, 5);
    deliver(&mut history, ("t-retry", 0), 1, 2, 10_000, Ending::Failed);
    store(&mut history, "t-dlt", 0, 1, Some((3, 1, 11)));
    deliver(&mut history, ("t-retry", 1), 2, 2, 11_000, Ending::Handled);
    deliver(&mut history, ("t-dlt", 0), 1, 0, 12_000, Ending::Dead);
    commit(&mut history, "t-retry", 2, 13);
    commit(&mut history, "t-dlt", 1, 14);
    history
}

fn place(topic: &str, offset: i64) -> Place {
    Place { topic: topic.to_owned(), partition: 0, offset }
}

/// A record; if it is a copy, the number of its next delivery, the offset of its original, and when it was written.
fn store(history: &mut History, topic: &str, offset: i64, number: i64, copy: Option<(u32, i64, i64)>) {
    let value = number.to_string().into_bytes();
    let mut stored = Stored { key: Some(value.clone()), value, ..Stored::default() };
    if let Some((attempt, original, time)) = copy {
        stored = Stored {
            attempt: Some(attempt),
            original: Some(place("t", original)),
            time,
            due: Some(time + 5),
            ..stored
        };
    }
    history.records.insert(place(topic, offset), stored);
}

/// A delivery of half a millisecond.
fn deliver(history: &mut History, (topic, offset): (&str, i64), number: u64, attempt: u32, at: u64, ending: Ending) {
    let told = Told { number, place: place(topic, offset), attempt };
    history.deliveries.push(Delivery { process: 0, told, begin: at, end: Some((at + 500, ending)) });
    history.deliveries.sort_by_key(|delivery| delivery.begin);
}

fn commit(history: &mut History, topic: &str, next: i64, time: i64) {
    history.commits.push(Commit { group: "g".to_owned(), next: place(topic, next), time });
}

fn killed(at: u64) -> Fault {
    Fault { what: "killed".to_owned(), process: Some(0), from: at, to: at }
}

fn verdict(history: &History) -> Verdict {
    judge(history, &Expected { attempts: (2, 2), ..Expected::default() })
}

/// Breaks a good history, and expects to be told so.
fn found(words: &str, break_it: impl FnOnce(&mut History)) {
    let mut history = good();
    break_it(&mut history);
    let wrong = verdict(&history).wrong;
    assert!(wrong.iter().any(|it| it.contains(words)), "{words:?} is not in {wrong:#?}");
}

#[test]
fn a_good_history_passes() {
    let verdict = verdict(&good());
    assert_eq!(verdict.wrong, Vec::<String>::new());
    assert_eq!((verdict.records, verdict.deliveries, verdict.copies, verdict.repeats), (3, 6, 3, 0));
}

#[test]
fn what_was_not_committed_at_a_kill_may_come_again_once() {
    let mut history = good();
    history.faults.push(killed(3_600));
    deliver(&mut history, ("t", 0), 0, 1, 4_000, Ending::Handled);
    let repeated = verdict(&history);
    // The kill came before the only commit of the source.
    assert_eq!(repeated.wrong.iter().filter(|it| it.contains("repeated")).count(), 0, "{:?}", repeated.wrong);
    assert_eq!((repeated.repeats, repeated.oldest_repeat), (1, 2_600));
    deliver(&mut history, ("t", 0), 0, 1, 4_600, Ending::Handled);
    assert!(verdict(&history).wrong.iter().any(|it| it.contains("repeated")), "one kill, two repeats");
}

#[test]
fn a_record_that_nobody_handled_is_found() {
    found("lost", |history| history.deliveries.retain(|it| it.told.place != place("t", 0)));
}

#[test]
fn a_copy_that_was_never_written_is_found() {
    found("t/0@1 has no end", |history| {
        history.records.remove(&place("t-retry", 0));
        history.records.remove(&place("t-dlt", 0));
    });
}

#[test]
fn a_commit_before_the_end_of_what_it_passes_is_found() {
    found("was committed at 2", |history| commit_first(history, 2, 2));
    // The copy of the second was written at 3 ms: its acknowledgement had not come.
    found("was committed at 2", |history| commit_first(history, 3, 2));
}

fn commit_first(history: &mut History, next: i64, time: i64) {
    let commit = Commit { group: "g".to_owned(), next: place("t", next), time };
    history.commits.insert(0, commit);
}

#[test]
fn a_commit_that_goes_back_is_found() {
    found("turned back", |history| commit(history, "t", 1, 20));
}

#[test]
fn a_repeat_without_a_fault_and_one_of_what_was_committed_are_found() {
    let again = |history: &mut History| deliver(history, ("t", 0), 0, 1, 20_000, Ending::Handled);
    found("repeated without cause", again);
    found("repeated without cause", |history| {
        again(history);
        history.faults.push(killed(15_000));
    });
}

#[test]
fn a_commit_that_was_long_overdue_is_found() {
    found("could have been committed", |history| {
        history.commits.remove(0);
        history.faults.push(killed(19_000_000));
        deliver(history, ("t", 0), 0, 1, 19_100_000, Ending::Handled);
    });
}

#[test]
fn a_retry_that_ran_early_and_a_wrong_attempt_are_found() {
    found("early", |history| history.deliveries.iter_mut().for_each(|it| it.begin = it.begin.min(7_000)));
    found("and was told 3", |history| history.deliveries[3].told.attempt = 3);
}

#[test]
fn a_second_copy_and_a_changed_one_are_found() {
    found("has 2 copies", |history| store(history, "t-retry", 2, 1, Some((2, 1, 4))));
    found("differs from its original", |history| {
        history.records.get_mut(&place("t-dlt", 0)).unwrap().value = b"7".to_vec();
    });
}

#[test]
fn too_many_and_too_few_deliveries_are_found() {
    let strict = Expected { attempts: (3, 3), ..Expected::default() };
    assert!(judge(&good(), &strict).wrong.iter().any(|it| it.contains("dead after 2")));
}

#[test]
fn two_at_once_and_a_wrong_order_are_found() {
    found("at once", |history| history.deliveries[0].end = Some((2_400, Ending::Handled)));
    found("out of order", |history| {
        history.deliveries[0].told.place.offset = 1;
        history.deliveries[1].told.place.offset = 0;
    });
}

#[test]
fn a_lag_is_found() {
    found("has not committed 2", |history| history.lags.extend([(("g".to_owned(), "t".to_owned()), 2)]));
}
