//! The ports over a real Kafka: what only a real one can show. What both brokers promise is in the contract suite.

mod broker;
mod gone;
mod idle;
mod lifetime;
mod member;
mod memory;
mod rebalance;
mod resting;
mod words;
