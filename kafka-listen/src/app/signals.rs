//! The signals that end a process.

use std::time::Duration;

use tokio::time::Instant;

use super::Error;

/// How long after a signal another one is its echo.
const ECHO: Duration = Duration::from_millis(100);

/// Resolves at the first SIGINT or SIGTERM.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    /// Listens from now on: a signal that comes before [`next`](Self::next) is not lost.
    pub(super) fn new() -> Result<Self, Error> {
        let error = |source| Error::System { what: "cannot listen to signals", source };
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let terminate = signal(SignalKind::terminate()).map_err(error)?;
            let interrupt = signal(SignalKind::interrupt()).map_err(error)?;
            Ok(Self { terminate, interrupt })
        }
        #[cfg(not(unix))]
        {
            let _ = error;
            Ok(Self {})
        }
    }

    /// The next signal, by its number, but for echoes of the last one: whoever ends a process group often signals its
    /// leader, too, and that is one wish, not two.
    pub(super) async fn next_wish(&mut self) -> i32 {
        let echo_until = Instant::now() + ECHO;
        loop {
            let signal = self.next().await;
            if Instant::now() > echo_until {
                return signal;
            }
        }
    }

    /// The next signal, by its number.
    pub(super) async fn next(&mut self) -> i32 {
        #[cfg(unix)]
        {
            tokio::select! {
                _ = self.terminate.recv() => 15,
                _ = self.interrupt.recv() => 2,
            }
        }
        #[cfg(not(unix))]
        {
            let _ = tokio::signal::ctrl_c().await;
            2
        }
    }
}
