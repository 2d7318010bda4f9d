//! Listeners, attributes and the crate itself, reached by other names.

use kafka_listen::{dlt_handler as dead_letters_of, kafka_listener as on};

use self::mail::outbox::send as deliver;
use self::platform::kafka::prelude::Delivery;

mod platform {
    pub(super) use kafka_listen as kafka;
}

mod mail {
    pub(super) mod outbox {
        use kafka_listen::prelude::*;

        #[kafka_listener(topic = "other.paths")]
        pub(in super::super) async fn send(_: &Delivery<'_>) {}
    }

    pub(super) use self::outbox::send as reexported;
}

#[on(topic = "other.paths.crate", crate = self::platform::kafka)]
async fn handler(_: &Delivery<'_>) {}

#[dead_letters_of(deliver)]
async fn of_a_renamed_import(_: &Delivery<'_>) {}

#[dead_letters_of(self::mail::reexported)]
async fn of_a_reexport(_: &Delivery<'_>) {}

#[dead_letters_of(super::other_paths::handler, crate = self::platform::kafka)]
async fn of_a_path_from_above(_: &Delivery<'_>) {}

#[dead_letters_of(crate::pass::other_paths::mail::outbox::send)]
async fn of_a_path_from_the_root(_: &Delivery<'_>) {}
