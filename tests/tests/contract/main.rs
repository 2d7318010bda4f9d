//! The contract of the broker ports: every check runs unchanged on the in-process broker and on a real Apache Kafka,
//! so that whatever is tested on the first is known to hold on the second.
//!
//! A check is a function of a [`Rig`](rig::Rig): a broker, a topic and a group name of its own, and the few things
//! that ports cannot do. What only one broker has is not here.

/// Makes each check a test on both brokers.
macro_rules! on_both_brokers {
    ($($check:ident),+ $(,)?) => {
        mod memory {
            $(#[test]
            fn $check() {
                super::$check(&crate::rig::Rig::on_memory(stringify!($check)));
            })+
        }
        mod kafka {
            $(#[test]
            fn $check() {
                super::$check(&crate::rig::Rig::on_kafka(stringify!($check)));
            })+
        }
    };
}

mod bell;
mod beside;
mod member;
mod rig;

mod commits;
mod gaps;
mod keys;
mod looking;
mod membership;
mod produce;
mod rebalance;
mod records;
mod size;
mod start;
mod subscribing;
mod taking;
mod timestamps;
mod topics;
