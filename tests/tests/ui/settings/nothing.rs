use kafka_listen::prelude::*;

const NOTHING: Settings = settings!();

fn main() {
    let _ = NOTHING;
}
