//! Parameters as patterns.

use kafka_listen::prelude::*;

#[derive(serde::Deserialize)]
struct Point {
    x: i32,
    y: i32,
}

#[kafka_listener(topic = "patterns")]
async fn handler(
    Json(Point { x, y: mut height }): Json<Point>,
    mut attempt: Attempt,
    _: Topic,
    whole @ Key(_): Key<String>,
    Json((a, .., z)): Json<(u8, u8, u8)>,
    #[allow(unused)] unused: Offset,
) {
    height += x;
    attempt.number += 1;
    let _ = (height, attempt, whole, a, z);
}
