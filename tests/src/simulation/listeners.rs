//! The listeners of the simulation: the attribute as users write it, in the shapes that differ in what the engine does. Numbers
//! come from the seed, through placeholders.

use std::time::Duration;

use kafka_listen::prelude::*;
use kafka_listen::{App, Delivery};

use super::handler::Script;
use super::payload::Payload;
use super::plan::Plea;

/// Which records run one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Partition,
    Key,
    None,
}

/// What becomes of a record whose attempts are used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Its dead letter is handled.
    Handled,
    /// Its dead letter lies in the DLT.
    Dlt,
    /// Nothing, as `dlt = false` says.
    Discarded,
}

/// What says what follows an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    No,
    /// A function, and a pattern for the route.
    Classify,
    /// Patterns: what is fatal, what is tried in place, what takes the route.
    Patterns,
}

/// A listener, and what its attribute says that does not come from the seed.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub name: &'static str,
    pub order: Order,
    pub end: End,
    /// Whether retry topics are numbered, instead of named by their delays.
    pub index: bool,
    /// Whether it takes JSON only, and so rejects what is none.
    pub typed: bool,
    /// Whether it has retry topics.
    pub chain: bool,
    /// The tries in place within each delivery.
    pub tries: u32,
    /// The pause between them, in milliseconds.
    pub pause: u64,
    /// How long the first record of a batch waits for others, in milliseconds; 0 where records are handled one by one.
    pub wait: u64,
    /// How long a delivery may take, in milliseconds.
    pub timeout: Option<u64>,
    /// What listens to what errors ask for.
    pub judged: Judged,
    /// Whether the DLT handler is asked once.
    pub skips: bool,
    /// Whether a group without offsets begins at the end of the source topic.
    pub latest: bool,
    /// Names the listener to an application.
    pub listen: fn(App) -> App,
}

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
chain!(patient, [Json<Payload>], [order = "key", blocking(attempts = 3, delay = 200)]);
chain!(hasty, [Json<Payload>], [order = "partition", handler_timeout = 1_500]);
chain!(judged, [Json<Payload>], [order = "none", classify = judge, dlt_route("fraud", plea if plea == "fraud")]);
chain!(matched, [Json<Payload>], [
    order = "key",
    fatal(plea if plea == "dead letter"),
    blocking(attempts = 3, delay = 100, retry_on(plea if plea == "retry")),
    dlt_on_error = "skip",
    dlt_route("fraud", plea if plea == "fraud")
]);
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
    })
}

dead_letters!(dead_whole of whole);
dead_letters!(dead_judged of judged);
dead_letters!(dead_matched of matched);
dead_letters!(dead_keyed of keyed);
dead_letters!(dead_raw of raw);
dead_letters!(dead_in_place of in_place);
dead_letters!(dead_together of together);

const CHAIN: Shape = Shape {
    name: "whole",
    order: Order::Partition,
    end: End::Handled,
    index: false,
    typed: true,
    chain: true,
    tries: 1,
    pause: 0,
    wait: 0,
    timeout: None,
    judged: Judged::No,
    skips: false,
    latest: false,
    listen: |app| app.listener(whole::work),
};

/// All of them.
pub const SHAPES: [Shape; 16] = [
    CHAIN,
    Shape { name: "keyed", order: Order::Key, listen: |app| app.listener(keyed::work), ..CHAIN },
    Shape { name: "free", order: Order::None, end: End::Dlt, listen: |app| app.listener(free::work), ..CHAIN },
    Shape {
        name: "raw",
        order: Order::None,
        index: true,
        typed: false,
        listen: |app| app.listener(raw::work),
        ..CHAIN
    },
    Shape {
        name: "keyed_raw",
        order: Order::Key,
        end: End::Dlt,
        index: true,
        typed: false,
        listen: |app| app.listener(keyed_raw::work),
        ..CHAIN
    },
    Shape { name: "discarding", end: End::Discarded, listen: |app| app.listener(discarding::work), ..CHAIN },
    Shape {
        name: "patient",
        order: Order::Key,
        end: End::Dlt,
        tries: 3,
        pause: 200,
        listen: |app| app.listener(patient::work),
        ..CHAIN
    },
    Shape { name: "hasty", end: End::Dlt, timeout: Some(1_500), listen: |app| app.listener(hasty::work), ..CHAIN },
    Shape {
        name: "judged",
        order: Order::None,
        judged: Judged::Classify,
        listen: |app| app.listener(judged::work),
        ..CHAIN
    },
    Shape {
        name: "matched",
        order: Order::Key,
        tries: 3,
        pause: 100,
        judged: Judged::Patterns,
        skips: true,
        listen: |app| app.listener(matched::work),
        ..CHAIN
    },
    Shape { name: "late", end: End::Dlt, latest: true, listen: |app| app.listener(late::work), ..CHAIN },
    Shape { name: "in_place", chain: false, tries: 10, listen: |app| app.listener(in_place::work), ..CHAIN },
    Shape {
        name: "keyed_in_place",
        order: Order::Key,
        end: End::Dlt,
        typed: false,
        chain: false,
        tries: 10,
        listen: |app| app.listener(keyed_in_place::work),
        ..CHAIN
    },
    Shape { name: "together", wait: 300, listen: |app| app.listener(together::work), ..CHAIN },
    Shape {
        name: "free_together",
        order: Order::None,
        end: End::Dlt,
        typed: false,
        wait: 300,
        listen: |app| app.listener(free_together::work),
        ..CHAIN
    },
    Shape {
        name: "together_in_place",
        end: End::Dlt,
        chain: false,
        tries: 10,
        wait: 300,
        listen: |app| app.listener(together_in_place::work),
        ..CHAIN
    },
];
