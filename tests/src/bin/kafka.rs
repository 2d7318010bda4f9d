//! A real Kafka to play with: `cargo run -p kafka-listen-tests --bin kafka [PORT]` serves on 127.0.0.1, port 9092
//! unless another is given, with an empty log, until Ctrl-C.

use kafka_listen_tests::real_kafka::RealKafka;

fn main() {
    let port = std::env::args().nth(1).map_or(Ok(9092), |port| port.parse());
    let kafka = RealKafka::start_at(port.expect("PORT is a number"), &[]);
    println!("Kafka serves on {}; its log is {}", kafka.bootstrap(), kafka.dir().join("broker.log").display());
    loop {
        std::thread::park();
    }
}
