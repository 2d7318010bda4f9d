//! What a worker writes down, line by line: `MICROS STEP …`.

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use super::{Delivery, Place};

/// What is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The record's value.
    pub number: u64,
    /// Where it was read.
    pub place: Place,
    /// Which delivery it is; 0 in a DLT.
    pub attempt: u32,
}

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Well.
    Handled,
    /// With an error.
    Failed,
    /// In the DLT handler.
    Dead,
}

/// A moment at which a worker may be told to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instant {
    /// A handler has begun.
    Begun,
    /// The first delivery has ended, which nobody knows yet.
    Ended,
    /// A retry has ended: the copy that it handled is acknowledged, its source may not be committed.
    RetryEnded,
    /// The DLT handler has ended.
    Dead,
    /// A copy is about to be written to a retry topic.
    Retried,
    /// A copy is about to be written to the DLT.
    DeadLettered,
    /// A partition has come.
    Assigned,
    /// A partition has drained, and what ended in it is about to be committed.
    Revoked,
}

impl FromStr for Instant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "begun" => Self::Begun,
            "ended" => Self::Ended,
            "retry-ended" => Self::RetryEnded,
            "dead" => Self::Dead,
            "retried" => Self::Retried,
            "dead-lettered" => Self::DeadLettered,
            "assigned" => Self::Assigned,
            "revoked" => Self::Revoked,
            other => return Err(format!("no instant: {other}")),
        })
    }
}

/// A line without its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A delivery begins.
    Begin(Told),
    /// A delivery has ended.
    End(Told, Ending),
    /// A partition came, to be read from an offset on.
    Assigned(String, i64),
    /// A partition went.
    Revoked {
        /// Which.
        partition: String,
        /// Whether it was gone already.
        lost: bool,
        /// Whether handlers had to be given up.
        cancelled: bool,
    },
    /// Any other event.
    Other(String),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { topic, partition, offset } = &self.place;
        write!(f, "{} {topic} {partition} {offset} {}", self.number, self.attempt)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begin(told) => write!(f, "begin {told}"),
            Self::End(told, ending) => write!(f, "end {told} {ending:?}"),
            Self::Assigned(partition, start) => write!(f, "assigned {partition} {start}"),
            Self::Revoked { partition, lost, cancelled } => write!(f, "revoked {partition} {lost} {cancelled}"),
            Self::Other(text) => write!(f, "other {text}"),
        }
    }
}

/// Reads a line; `None` if it is none.
fn read(line: &str) -> Option<(u64, Step)> {
    let (micros, rest) = line.split_once(' ')?;
    let (kind, rest) = rest.split_once(' ')?;
    let words: Vec<_> = rest.split(' ').collect();
    let told = || {
        let place = Place {
            topic: words.get(1)?.to_string(),
            partition: words.get(2)?.parse().ok()?,
            offset: words.get(3)?.parse().ok()?,
        };
        Some(Told { number: words[0].parse().ok()?, place, attempt: words.get(4)?.parse().ok()? })
    };
    let step = match kind {
        "begin" => Step::Begin(told()?),
        "end" => {
            let ending = match *words.get(5)? {
                "Handled" => Ending::Handled,
                "Failed" => Ending::Failed,
                "Dead" => Ending::Dead,
                _ => return None,
            };
            Step::End(told()?, ending)
        }
        "assigned" => Step::Assigned(words[0].to_owned(), words.get(1)?.parse().ok()?),
        "revoked" => {
            let flag = |index: usize| words.get(index).map(|word| *word == "true");
            Step::Revoked { partition: words[0].to_owned(), lost: flag(1)?, cancelled: flag(2)? }
        }
        "other" => Step::Other(rest.to_owned()),
        _ => return None,
    };
    Some((micros.parse().ok()?, step))
}

/// All whole lines of a worker's log; one that is being written may be read by halves.
pub fn steps(log: &Path) -> Vec<(u64, Step)> {
    let text = fs::read_to_string(log).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| read(line).unwrap_or_else(|| panic!("{}: {line:?}", log.display()))).collect()
}

/// The deliveries of one process.
pub fn deliveries(process: usize, steps: &[(u64, Step)]) -> Vec<Delivery> {
    let (mut all, mut open) = (Vec::<Delivery>::new(), HashMap::new());
    for (at, step) in steps {
        match step {
            Step::Begin(told) => {
                open.insert(told.place.clone(), all.len());
                all.push(Delivery { process, told: told.clone(), begin: *at, end: None });
            }
            Step::End(told, ending) => {
                if let Some(index) = open.remove(&told.place) {
                    all[index].end = Some((*at, *ending));
                }
            }
            Step::Assigned(..) | Step::Revoked { .. } | Step::Other(_) => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_as_it_was_written() {
        let place = Place { topic: "t-retry-100".to_owned(), partition: 3, offset: 42 };
        let told = Told { number: 7, place, attempt: 2 };
        for step in [
            Step::Begin(told.clone()),
            Step::End(told, Ending::Failed),
            Step::Assigned("t/1".to_owned(), 5),
            Step::Revoked { partition: "t/1".to_owned(), lost: true, cancelled: false },
            Step::Other("Gone { from: 1 }".to_owned()),
        ] {
            assert_eq!(read(&format!("12 {step}")), Some((12, step)));
        }
        assert_eq!(read("12 begin 7 t"), None);
    }
}
