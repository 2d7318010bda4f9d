//! Throwaway.
use crate::member::*;
use kafka_listen::__internals::broker::*;
use kafka_listen_tests::real_kafka::shared;

#[tokio::test(flavor = "multi_thread")]
async fn smoke() {
    let kafka = shared();
    create(kafka, "smoke", 3, &[]);
    let broker = cluster(kafka, &[]);
    let t = std::time::Instant::now();
    let producer = broker.producer().unwrap();
    for n in 0..300 {
        send(&*producer, record(&topic("smoke"), Some(n % 3), format!("{n}")));
    }
    producer.flush().await;
    println!("produced {:?}", t.elapsed());
    let t = std::time::Instant::now();
    let mut member = Member::join(&broker, "smoke", &["smoke"]);
    let assigned = member.assigned();
    println!("assigned {:?} {assigned:?}", t.elapsed());
    for one in &assigned {
        let records = member.take(one.id, 100);
        println!("took {:?} {} pos {:?}", t.elapsed(), records.len(), member.consumer.position(one.id));
    }
    let offsets: Vec<_> = assigned.iter().map(|a| (a.id, 100)).collect();
    member.consumer.commit(&offsets);
    member.until(|_, events| {
        for e in events {
            println!("{:?} {e:?}", t.elapsed());
        }
        events.iter().any(|e| matches!(e, ConsumerEvent::Committed { .. })).then_some(())
    });
    let t = std::time::Instant::now();
    member.leave();
    println!("left {:?}", t.elapsed());
    drop(member);
    println!("dropped {:?}", t.elapsed());
    let admin = broker.admin().unwrap();
    let t = std::time::Instant::now();
    println!("{:?}", admin.describe(&[topic("smoke"), topic("nope")]).await);
    println!("described {:?}", t.elapsed());
    let new = NewTopic {
        name: topic("made"),
        partitions: 3,
        replication: None,
        config: [("cleanup.policy".to_owned(), "delete".to_owned())].into(),
    };
    println!("{:?}", admin.create(&[new.clone(), new]).await);
    println!("created {:?}", t.elapsed());
    let ps: Vec<_> = assigned.iter().map(|a| a.partition.clone()).collect();
    println!("{:?}", admin.offsets("smoke", &ps).await);
    println!("offsets {:?}", t.elapsed());
    let mut member = Member::join(&broker, "smoke", &["smoke"]);
    println!("again {:?}", member.assigned());
    println!(
        "{}",
        kafka.tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", ["--describe", "--group", "smoke"])
    );
    let nobody = kafka_listen::__internals::broker::kafka::KafkaBroker::new(
        [("bootstrap.servers".to_owned(), "127.0.0.1:1".to_owned())].into(),
    )
    .unwrap();
    let t = std::time::Instant::now();
    println!("{:?} {:?}", nobody.admin().unwrap().describe(&[topic("x")]).await, t.elapsed());
    let nobody = kafka_listen::__internals::broker::kafka::KafkaBroker::new(
        [("bootstrap.servers".to_owned(), "no.such.host:1".to_owned())].into(),
    )
    .unwrap();
    let t = std::time::Instant::now();
    println!("{:?} {:?}", nobody.admin().unwrap().describe(&[topic("x")]).await, t.elapsed());
}
