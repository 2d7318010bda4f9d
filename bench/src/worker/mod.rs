//! What is measured in a process of its own: it prints one line of JSON.

mod cost;
mod idle;
mod memory;

use std::time::Duration;

pub use idle::TOPICS as IDLE_TOPICS;
pub use memory::{CHAIN, CHAIN_PARTITIONS};

use crate::lab::Error;

/// The first word of a worker's command line.
pub const WORD: &str = "worker";

/// Does what the words say.
pub fn run(words: &[String]) -> Result<(), Error> {
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Runtime::new()?;
    let measured = match words[..] {
        ["idle", bootstrap, seconds] => runtime.block_on(idle::run(bootstrap, Duration::from_secs(seconds.parse()?))),
        ["fail", bootstrap, records] => runtime.block_on(memory::fail_all(bootstrap, records.parse()?)),
        ["wait", bootstrap] => runtime.block_on(memory::wait(bootstrap)),
        ["partitions", bootstrap] => runtime.block_on(memory::partitions(bootstrap)),
        ["cost", what, records] => cost::run(what, records.parse()?),
        _ => Err(format!("no worker does {words:?}").into()),
    };
    println!("{}", measured?);
    Ok(())
}
