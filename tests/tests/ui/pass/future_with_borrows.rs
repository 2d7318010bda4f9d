//! Futures that hold across an await what only lives for one delivery.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use kafka_listen::prelude::*;

trait Sender: Send + Sync {
    fn send<'s>(&'s self, to: &'s str) -> std::pin::Pin<Box<dyn Future<Output = Result<(), String>> + Send + 's>>;
}

#[kafka_listener(topic = "futures")]
async fn handler(
    sender: State<Arc<dyn Sender>>,
    seen: State<Arc<Mutex<HashMap<String, u32>>>>,
    to: &str,
    delivery: &Delivery<'_>,
) -> Result<(), String> {
    sender.send(to).await?;
    let offset = delivery.offset();
    let nested = async { std::future::ready(to).await.len() };
    let count = nested.await;
    seen.lock().map_err(|error| error.to_string())?.insert(format!("{offset}"), u32::try_from(count).unwrap_or(0));
    Ok(())
}
