//! What goes wrong with publishes and commits: dice of their own, asked in the order in which things happen.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use kafka_listen::testing::{Cluster, CommitFault, PublishErrorKind, PublishFault};

use super::fault::Fault;
use super::history::History;
use super::plan::Plan;

/// Makes publishes and commits go wrong as the plan's weather says, until the cluster is healed.
pub fn set(cluster: &Cluster, plan: &Arc<Plan>, history: &History) {
    let weather = plan.weather;
    weather.queue.into_iter().for_each(|records| cluster.set_queue(records));
    let away: Option<(String, u64, u64)> = weather.away.map(|(place, from, until)| {
        let mut topics = plan.chain_topics();
        (topics.swap_remove(place % topics.len()), from, until)
    });
    let (mut dice, log) = (Rng::with_seed(plan.seed ^ 1), history.clone());
    cluster.on_publish(move |record| {
        let now = log.ms();
        let is_away = away
            .as_ref()
            .is_some_and(|(topic, from, until)| record.topic.as_str() == topic && (*from..*until).contains(&now));
        let (fault, told) = if is_away || dice.f64() < weather.publish_refused {
            let kinds = [PublishErrorKind::NotWritten, PublishErrorKind::NoSuchTopic, PublishErrorKind::Unknown];
            (PublishFault::Refuse(kinds[dice.usize(0..kinds.len())]), Fault::PublishRefused)
        } else if dice.f64() < weather.publish_unanswered {
            (PublishFault::LoseAnswer, Fault::PublishUnanswered)
        } else if dice.f64() < weather.publish_slow {
            (PublishFault::Delay(Duration::from_millis(dice.u64(1..8_000))), Fault::PublishSlow)
        } else {
            return None;
        };
        log.fault(told);
        Some(fault)
    });
    let (mut dice, log) = (Rng::with_seed(plan.seed ^ 2), history.clone());
    cluster.on_commit(move |_| {
        let (fault, told) = if dice.f64() < weather.commit_refused {
            (CommitFault::Refuse, Fault::CommitRefused)
        } else if dice.f64() < weather.commit_unanswered {
            (CommitFault::LoseAnswer, Fault::CommitUnanswered)
        } else if dice.f64() < weather.commit_slow {
            (CommitFault::Delay(Duration::from_millis(dice.u64(1..5_000))), Fault::CommitSlow)
        } else {
            return None;
        };
        log.fault(told);
        Some(fault)
    });
}
