use kafka_listen::prelude::*;

const PATIENT: Settings = settings!(attempts = 0, dlt_sufix = ".dlt");

fn main() {
    let _ = PATIENT;
}
