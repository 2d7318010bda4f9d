//! A real cluster, through librdkafka.
