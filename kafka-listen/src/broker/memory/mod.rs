//! A broker inside the process.
