//! Stands for a mail server: sending takes a moment, and an address that begins with `fail@` never works.

use std::time::Duration;

use crate::Email;

/// The mail server.
#[derive(Clone)]
pub struct Smtp;

/// An e-mail was not sent.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The server refused the address.
    #[error("the mail server cannot deliver to {0}")]
    Undeliverable(String),
}

impl Smtp {
    /// Sends an e-mail.
    pub async fn send(&self, email: &Email) -> Result<(), SendError> {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if email.to.starts_with("fail@") {
            return Err(SendError::Undeliverable(email.to.clone()));
        }
        Ok(())
    }
}
