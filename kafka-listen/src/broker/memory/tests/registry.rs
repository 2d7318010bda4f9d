//! Clusters are found by their address.

use super::*;
use crate::clock::Timestamp;

#[test]
fn addresses_are_told_from_those_of_real_clusters() {
    for (address, embedded) in
        [("embedded", true), ("embedded:a", true), ("embedded9092", false), ("localhost:9092", false), ("", false)]
    {
        assert_eq!(Cluster::is_address(address), embedded, "{address}");
    }
}

#[test]
fn one_address_is_one_cluster_while_somebody_holds_it() {
    let cluster = cluster("held-by-name", 1);
    let again = Cluster::named("embedded:unit-held-by-name");
    assert!(Arc::ptr_eq(&cluster, &again));
    assert!(!Arc::ptr_eq(&cluster, &Cluster::named("embedded:unit-held-by-another")));
    assert!(Cluster::starting_at("embedded:unit-held-by-name", Timestamp::from_millis(0)).is_none());
    assert_eq!(cluster.address(), "embedded:unit-held-by-name");

    let reader = Reader::join(&cluster, &[]);
    drop((cluster, again));
    assert_eq!(Cluster::named("embedded:unit-held-by-name").partitions("t"), Some(1), "a client holds it");
    drop(reader);
    assert_eq!(Cluster::named("embedded:unit-held-by-name").partitions("t"), None, "a new one");
}

#[test]
fn the_shared_cluster_stays() {
    Cluster::named("embedded").create_topic("stays", 2).unwrap();
    assert_eq!(Cluster::named("embedded").partitions("stays"), Some(2));
}
