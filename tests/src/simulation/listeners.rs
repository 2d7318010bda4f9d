//! The listeners of the simulation: the attribute as users write it, in the shapes that differ in what the engine does. Numbers
//! come from the seed, through placeholders.

use std::time::Duration;

use kafka_listen::Delivery;
use kafka_listen::prelude::*;

use super::handler::Script;
use super::payload::Payload;
use super::plan::Plea;

macro_rules! listener {
    ($name:ident, [$($payload:tt)*], [$($key:tt)*]) => {
        pub mod $name {
            use super::*;

            #[kafka_listener(topic = "${sim.topic}", group = "${sim.group}", $($key)*)]
            pub async fn work(_: $($payload)*, delivery: &Delivery<'_>, State(script): State<Script>) -> Result<(), String> {
                script.deliver(delivery).await
            }
        }
    };
}

macro_rules! acks {
    ($name:ident, [$($payload:tt)*], [$($key:tt)*]) => {
        pub mod $name {
            use super::*;

            #[kafka_listener(topic = "${sim.topic}", group = "${sim.group}", $($key)*)]
            pub async fn work(
                _: $($payload)*,
                delivery: &Delivery<'_>,
                ack: Ack,
                State(script): State<Script>,
            ) -> Result<(), String> {
                script.deliver_by_ack(delivery, ack).await
            }
        }
    };
}

macro_rules! asks {
    ($name:ident, [$($payload:tt)*], [$($key:tt)*]) => {
        pub mod $name {
            use super::*;

            #[kafka_listener(topic = "${sim.topic}", group = "${sim.group}", $($key)*)]
            pub async fn work(_: $($payload)*, delivery: &Delivery<'_>, State(script): State<Script>) -> Result<Outcome, String> {
                Ok(script.deliver(delivery).await.map_or_else(|error| judge(&error).into(), |()| Outcome::Done))
            }
        }
    };
}

macro_rules! hears {
    ($name:ident, [$($payload:tt)*], [$($key:tt)*]) => {
        pub mod $name {
            use super::*;

            #[kafka_listener(topic = "${sim.topic}", group = "${sim.group}", $($key)*)]
            pub async fn work(
                _: $($payload)*,
                delivery: &Delivery<'_>,
                cancel: Cancel,
                State(script): State<Script>,
            ) -> Result<(), String> {
                script.deliver_unless(delivery, &cancel).await
            }
        }
    };
}

macro_rules! batches {
    ($name:ident, [$($payload:tt)*], [$($key:tt)*]) => {
        pub mod $name {
            use super::*;

            #[kafka_listener(topic = "${sim.topic}", group = "${sim.group}", $($key)*)]
            pub async fn work(
                batch: Vec<(&Delivery<'_>, $($payload)*)>,
                State(script): State<Script>,
            ) -> Vec<Result<(), String>> {
                let deliveries: Vec<_> = batch.iter().map(|(delivery, _)| *delivery).collect();
                script.deliver_all(&deliveries).await
            }
        }
    };
}

macro_rules! chain {
    ($name:ident, $payload:tt, $keys:tt) => {
        chain!(listener $name, $payload, $keys);
    };
    ($what:ident $name:ident, [$($payload:tt)*], [$($key:tt)*]) => {
        $what!($name, [$($payload)*], [
            attempts = "${sim.attempts}",
            backoff(delay = "${sim.delay}", multiplier = "${sim.multiplier}", max_delay = "${sim.max_delay}", jitter = "${sim.jitter}"),
            concurrency = "${sim.concurrency}",
            timeout = "${sim.timeout}",
            $($key)*
        ]);
    };
}

macro_rules! dead_letters {
    ($name:ident of $listener:ident) => {
        #[dlt_handler($listener::work)]
        async fn $name(delivery: &Delivery<'_>, State(script): State<Script>) -> Result<(), String> {
            script.deliver(delivery).await
        }
    };
}

chain!(whole, [Json<Payload>], [order = "partition"]);
chain!(keyed, [Json<Payload>], [order = "key"]);
chain!(free, [Json<Payload>], [order = "none"]);
chain!(raw, [Option<&[u8]>], [order = "none", suffix = "index"]);
chain!(keyed_raw, [Option<&[u8]>], [order = "key", suffix = "index"]);
chain!(discarding, [Json<Payload>], [order = "partition", dlt = false]);
chain!(patient, [Json<Payload>], [order = "key", blocking(attempts = 3, delay = 2_000)]);
chain!(hasty, [Json<Payload>], [order = "partition", handler_timeout = 1_500]);
chain!(judged, [Json<Payload>], [order = "none", classify = judge, dlt_route("fraud", plea if plea == "fraud")]);
chain!(matched, [Json<Payload>], [
    order = "key",
    fatal(plea if plea == "dead letter"),
    blocking(attempts = 3, delay = 100, retry_on(plea if plea == "retry")),
    dlt_on_error = "skip",
    dlt_route("fraud", plea if plea == "fraud")
]);
chain!(asks asking, [Json<Payload>], [order = "none", dlt_route("fraud", plea if plea == "fraud")]);
chain!(acks acking, [Json<Payload>], [order = "key", dlt_route("fraud", plea if plea == "fraud")]);
chain!(acks acking_in_time, [Json<Payload>], [order = "partition", handler_timeout = 1_500]);
chain!(hears told, [Json<Payload>], [order = "key"]);
chain!(late, [Json<Payload>], [order = "partition", offset_reset = "latest"]);
listener!(in_place, [Json<Payload>], [order = "partition"]);
listener!(keyed_in_place, [Option<&[u8]>], [order = "key"]);

chain!(batches together, [Json<Payload>], [order = "partition", batch(max = 5, wait = 300)]);
chain!(batches free_together, [Option<&[u8]>], [order = "none", batch(max = 3, wait = 300)]);
batches!(together_in_place, [Json<Payload>], [batch(max = 4, wait = 300)]);

/// What follows an error of the plan: see `Plea`.
#[expect(clippy::ptr_arg, reason = "`classify` is given the handler's own type of error")]
fn judge(error: &String) -> Decision {
    Plea::read(error).map_or(Decision::Retry, |plea| match plea {
        Plea::Retry | Plea::Fraud => Decision::Retry,
        Plea::RetryAfter(millis) => Decision::RetryAfter(Duration::from_millis(millis)),
        Plea::DeadLetter => Decision::DeadLetter,
        Plea::Discard => Decision::Discard("as planned".into()),
        Plea::To => Decision::DeadLetterTo("fraud".into()),
        Plea::ToNowhere => Decision::DeadLetterTo("nowhere".into()),
        Plea::Stop => Decision::Stop,
    })
}

dead_letters!(dead_whole of whole);
dead_letters!(dead_judged of judged);
dead_letters!(dead_matched of matched);
dead_letters!(dead_acking of acking);
dead_letters!(dead_told of told);
dead_letters!(dead_keyed of keyed);
dead_letters!(dead_raw of raw);
dead_letters!(dead_in_place of in_place);
dead_letters!(dead_together of together);
