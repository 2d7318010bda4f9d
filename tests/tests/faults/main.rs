//! What breaks outside, on a real Apache Kafka, in processes: brokers and clients that are killed and halted, answers that
//! are lost, topics and rights that go. What happened is judged by [`kafka_listen_tests::history`].

mod answers;
mod kills;
mod members;
mod outages;
mod rig;
mod rights;
mod sizes;
mod slow;
mod topics;
