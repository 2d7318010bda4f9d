//! What an application fails with.

use std::fmt;

use crate::broker::ClientError;
use crate::problem::Problems;
use crate::topics::TopicsError;

/// Why an application could not start, or had to stop. The text says what is wrong, where, and what to do; its `Debug` is
/// the same text, since that is what a `main` shows that returns it.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Attributes, properties or states are wrong; nothing was connected to yet.
    #[error("the application cannot start:{0}")]
    Settings(Problems),
    /// The cluster cannot be reached, or refuses to be asked.
    #[error("the cluster cannot be used: {0}")]
    Cluster(String),
    /// Topics are missing or cannot be used.
    #[error("the application's topics cannot be used:{0}")]
    Topics(Problems),
    /// A consumer failed while it ran, and is of no more use.
    #[error("{0}")]
    Consumer(String),
    /// There is no listener of this id.
    #[error("there is no listener `{id}`{hint}")]
    NoListener {
        /// What was asked for.
        id: String,
        /// The id that may have been meant, in words.
        hint: String,
    },
    /// The operating system refused something.
    #[error("{what}: {source}")]
    System {
        /// What was wanted.
        what: &'static str,
        /// Its answer.
        source: std::io::Error,
    },
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        Self::Cluster(error.to_string())
    }
}

impl From<TopicsError> for Error {
    fn from(error: TopicsError) -> Self {
        match error {
            TopicsError::Cluster(error) => error.into(),
            TopicsError::Problems(problems) => Self::Topics(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_main_shows_is_the_text_with_its_lines() {
        let mut problems = Problems::default();
        problems.add("`topic` is empty");
        problems.add("`group` is \"\"");
        let shown = format!("{:?}", Error::Settings(problems));
        assert_eq!(shown, "the application cannot start:\n  - `topic` is empty\n  - `group` is \"\"");
    }
}
