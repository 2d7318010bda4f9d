//! Parameters that are read from headers.

use kafka_listen::FromHeader;
use kafka_listen::prelude::*;

struct Tenant(u64);

impl<'d> FromHeader<'d> for Tenant {
    fn from_header(value: &'d [u8]) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Tenant(std::str::from_utf8(value)?.parse()?))
    }
}

#[kafka_listener(topic = "headers")]
async fn handler(
    #[header("x-tenant")] Tenant(tenant): Tenant,
    #[header("x-trace")] trace: Option<&str>,
    #[header("x-raw")] raw: &[u8],
    #[header("x-size")] mut size: u32,
    #[header("a name, not ASCII: ü")] owned: String,
) {
    size += 1;
    let _ = (tenant, trace, raw, size, owned);
}
