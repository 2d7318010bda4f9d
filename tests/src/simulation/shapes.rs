//! The shapes of listeners: what the attribute of each says that does not come from the seed.

use kafka_listen::App;

use super::listeners as written;

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
    /// The handler itself, which returns an `Outcome`.
    Outcome,
    /// The handler's `Ack`.
    Ack,
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
    /// Whether the handler has its record's end in its own hand.
    pub acks: bool,
    /// Whether it is told when its partition leaves.
    pub told: bool,
    /// Whether the DLT handler is asked once.
    pub skips: bool,
    /// Whether a group without offsets begins at the end of the source topic.
    pub latest: bool,
    /// Names the listener to an application.
    pub listen: fn(App) -> App,
}

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
    acks: false,
    told: false,
    skips: false,
    latest: false,
    listen: |app| app.listener(written::whole::work),
};

/// All of them.
pub const SHAPES: [Shape; 20] = [
    CHAIN,
    Shape { name: "keyed", order: Order::Key, listen: |app| app.listener(written::keyed::work), ..CHAIN },
    Shape { name: "free", order: Order::None, end: End::Dlt, listen: |app| app.listener(written::free::work), ..CHAIN },
    Shape {
        name: "raw",
        order: Order::None,
        index: true,
        typed: false,
        listen: |app| app.listener(written::raw::work),
        ..CHAIN
    },
    Shape {
        name: "keyed_raw",
        order: Order::Key,
        end: End::Dlt,
        index: true,
        typed: false,
        listen: |app| app.listener(written::keyed_raw::work),
        ..CHAIN
    },
    Shape { name: "discarding", end: End::Discarded, listen: |app| app.listener(written::discarding::work), ..CHAIN },
    Shape {
        name: "patient",
        order: Order::Key,
        end: End::Dlt,
        tries: 3,
        pause: 2_000,
        listen: |app| app.listener(written::patient::work),
        ..CHAIN
    },
    Shape {
        name: "hasty",
        end: End::Dlt,
        timeout: Some(1_500),
        listen: |app| app.listener(written::hasty::work),
        ..CHAIN
    },
    Shape {
        name: "judged",
        order: Order::None,
        judged: Judged::Classify,
        listen: |app| app.listener(written::judged::work),
        ..CHAIN
    },
    Shape {
        name: "matched",
        order: Order::Key,
        tries: 3,
        pause: 100,
        judged: Judged::Patterns,
        skips: true,
        listen: |app| app.listener(written::matched::work),
        ..CHAIN
    },
    Shape {
        name: "asking",
        order: Order::None,
        end: End::Dlt,
        judged: Judged::Outcome,
        listen: |app| app.listener(written::asking::work),
        ..CHAIN
    },
    Shape {
        name: "acking",
        order: Order::Key,
        judged: Judged::Ack,
        acks: true,
        listen: |app| app.listener(written::acking::work),
        ..CHAIN
    },
    Shape {
        name: "acking_in_time",
        end: End::Dlt,
        timeout: Some(1_500),
        acks: true,
        listen: |app| app.listener(written::acking_in_time::work),
        ..CHAIN
    },
    Shape { name: "told", order: Order::Key, told: true, listen: |app| app.listener(written::told::work), ..CHAIN },
    Shape { name: "late", end: End::Dlt, latest: true, listen: |app| app.listener(written::late::work), ..CHAIN },
    Shape { name: "in_place", chain: false, tries: 10, listen: |app| app.listener(written::in_place::work), ..CHAIN },
    Shape {
        name: "keyed_in_place",
        order: Order::Key,
        end: End::Dlt,
        typed: false,
        chain: false,
        tries: 10,
        listen: |app| app.listener(written::keyed_in_place::work),
        ..CHAIN
    },
    Shape { name: "together", wait: 300, listen: |app| app.listener(written::together::work), ..CHAIN },
    Shape {
        name: "free_together",
        order: Order::None,
        end: End::Dlt,
        typed: false,
        wait: 300,
        listen: |app| app.listener(written::free_together::work),
        ..CHAIN
    },
    Shape {
        name: "together_in_place",
        end: End::Dlt,
        chain: false,
        tries: 10,
        wait: 300,
        listen: |app| app.listener(written::together_in_place::work),
        ..CHAIN
    },
];
