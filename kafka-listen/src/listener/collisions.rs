//! Chains that meet in one topic, or in another listener's source topic, whatever their groups.
//!
//! Two groups on one source topic may share its whole chain: each passes over what names the other. But a record that is in one
//! topic as a retry of one source and as a dead letter, or a retry, of another would go on in the wrong chain.

use std::collections::BTreeMap;

use super::plan::Plan;
use super::site::Site;
use crate::engine::Role;
use crate::problem::Problems;
use crate::record::TopicName;

/// A chain's claim to a topic.
struct Claim<'p> {
    site: Site,
    group: &'p str,
    role: Role,
    source: &'p TopicName,
}

impl Claim<'_> {
    fn words(&self) -> String {
        let what = if self.role == Role::Retry { "a retry topic" } else { "the DLT" };
        format!("{what} of `{}`", self.source)
    }
}

/// Tells every collision, with both places.
pub(super) fn check(plan: &Plan, problems: &mut Problems) {
    let claims = claims(plan);
    for (topic, claims) in &claims {
        for (place, claim) in claims.iter().enumerate() {
            let differs = |other: &&Claim<'_>| (other.role, other.source) != (claim.role, claim.source);
            // Within one group it is said of the group.
            if let Some(other) = claims[..place].iter().filter(|other| other.group != claim.group).find(differs) {
                problems.add(format!(
                    "{} has the topic `{topic}` as {}, and {} as {}: give one of them another `retry_suffix` or `dlt_suffix`",
                    other.site,
                    other.words(),
                    claim.site,
                    claim.words()
                ));
            }
        }
    }
    for listener in &plan.listeners {
        for source in listener.rules.iter().map(|rules| rules.chain.source()) {
            let mut retries = claims.get(source).into_iter().flatten().filter(|claim| claim.role == Role::Retry);
            if let Some(claim) = retries.next() {
                problems.add(format!(
                    "{} listens to `{source}`, which is {} of {}: what waits there is for that listener alone; name another \
                     topic, or give that one another `retry_suffix`",
                    listener.site,
                    claim.words(),
                    claim.site
                ));
            }
        }
    }
}

fn claims(plan: &Plan) -> BTreeMap<TopicName, Vec<Claim<'_>>> {
    let mut claims: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for listener in &plan.listeners {
        for chain in listener.rules.iter().map(|rules| &rules.chain) {
            let retries = chain.retry_topics().into_iter().map(|retry| (Role::Retry, retry.topic));
            let dlts = chain.dead_letter_topics().map(|dlt| (Role::Dlt, dlt.clone()));
            for (role, topic) in retries.chain(dlts) {
                let claim = Claim { site: listener.site, group: &listener.group, role, source: chain.source() };
                claims.entry(topic).or_default().push(claim);
            }
        }
    }
    claims
}
