//! What an error's type is called where its record goes: its path, as the compiler tells it, or as users write it.

use std::any::type_name;

/// Those of this crate, by the paths of the private modules that they are in. What no user can name is called as what it is about.
const OURS: [(&str, &str); 5] = [
    ("kafka_listen::app::error::Error", "kafka_listen::Error"),
    ("kafka_listen::extract::rejection::Rejection", "kafka_listen::Rejection"),
    ("kafka_listen::outcome::reply::ReplyError", "kafka_listen::Reply"),
    ("kafka_listen::producer::error::SendError", "kafka_listen::SendError"),
    ("kafka_listen::record::topic::InvalidTopicName", "kafka_listen::InvalidTopicName"),
];

/// The name of `E`.
pub(crate) fn name_of<E>() -> &'static str {
    let path = type_name::<E>();
    OURS.iter().find(|(private, _)| *private == path).map_or(path, |(_, public)| public)
}
