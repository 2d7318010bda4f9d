//! What the simulation's records hold, and how one is known again wherever it turns up.

use bytes::Bytes;
use kafka_listen::HeaderBuf;

/// The header by which a record is known; those without one are known by their value.
pub const ID: &str = "sim-id";

/// What a typed listener takes.
#[derive(Debug, serde::Deserialize)]
pub struct Payload {
    #[expect(dead_code, reason = "only that it can be read matters")]
    id: u32,
}

/// What is in a record's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// JSON as it should be.
    Good,
    /// JSON with this much padding.
    Large(u32),
    /// Bytes that are neither JSON nor UTF-8.
    Garbage,
    /// Nothing at all: a tombstone.
    Null,
}

impl Content {
    /// Whether a typed listener can read it.
    pub fn is_readable(self) -> bool {
        matches!(self, Self::Good | Self::Large(_))
    }

    /// The bytes, by which the record can be known.
    pub fn value(self, id: u32) -> Option<Bytes> {
        match self {
            // Spaces that whoever writes JSON anew would leave out.
            Self::Good => Some(format!(" {{\"id\":{id}}} ").into()),
            Self::Large(padding) => Some(format!("{{\"id\":{id},\"x\":\"{}\"}}", "x".repeat(padding as usize)).into()),
            Self::Garbage => {
                let mut bytes = format!("{{\"id\":{id}").into_bytes();
                bytes.push(0xff);
                Some(bytes.into())
            }
            Self::Null => None,
        }
    }
}

/// The number of the record with these bytes.
pub fn identify<'h>(
    value: Option<&[u8]>,
    mut headers: impl Iterator<Item = (&'h [u8], Option<&'h [u8]>)>,
) -> Option<u32> {
    let header = headers.find(|(name, _)| *name == ID.as_bytes()).and_then(|(_, value)| value);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if let Some(id) = header {
        return text(id).parse().ok();
    }
    let value = text(value?);
    let digits = value.split("\"id\":").nth(1)?;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The same, of headers as they are stored.
pub fn identify_stored(value: Option<&Bytes>, headers: &[HeaderBuf]) -> Option<u32> {
    identify(value.map(|value| &value[..]), headers.iter().map(|it| (&it.name[..], it.value.as_deref())))
}
