//! Functions with attributes of others.

use kafka_listen::prelude::*;

/// A function that is not there.
#[cfg(any())]
#[kafka_listener(topic = "attributes.cfg.above")]
async fn left_out_above(_: &Delivery<'_>) {}

/// A function that is not there.
#[kafka_listener(topic = "attributes.cfg.below")]
#[cfg(any())]
async fn left_out_below(_: &Delivery<'_>) {}

#[kafka_listener(topic = "attributes.cfg.all")]
#[cfg(not(any()))]
#[cfg_attr(not(any()), inline)]
async fn kept(_: &Delivery<'_>) {}

#[kafka_listener(topic = "attributes.instrument")]
#[tracing::instrument(skip_all)]
async fn traced_below(#[header("x-tenant")] tenant: &str) -> Result<(), String> {
    std::future::ready(()).await;
    Err(tenant.to_owned())
}

#[tracing::instrument(skip_all)]
#[kafka_listener(topic = "attributes.instrument.above")]
async fn traced_above(_: &Delivery<'_>) {
    std::future::ready(()).await;
}

#[kafka_listener(topic = "attributes.deprecated")]
#[deprecated = "write to the other topic"]
#[must_use = "or it is lost"]
fn deprecated(_: &Delivery<'_>) -> Result<(), String> {
    Ok(())
}

#[deprecated]
struct Old;

#[allow(deprecated)]
impl<'d> FromDelivery<'d> for Old {
    fn from_delivery(_: &'d Delivery<'d>) -> Result<Self, Rejection> {
        Ok(Self)
    }
}

#[allow(deprecated)]
#[kafka_listener(topic = "attributes.allowed")]
async fn of_a_deprecated_type(_: Old) {}
