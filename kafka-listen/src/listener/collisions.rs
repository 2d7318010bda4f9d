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
    /// The `dlt_route` whose topic it is.
    route: Option<&'p str>,
}

impl Claim<'_> {
    fn words(&self) -> String {
        let of = self.source;
        match (self.role, self.route) {
            (Role::Retry, _) => format!("a retry topic of `{of}`"),
            (_, None) => format!("the DLT of `{of}`"),
            (_, Some(route)) => format!("the DLT of `{of}` by its `dlt_route` \"{route}\""),
        }
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
                    "{} has the topic `{topic}` as {}, and {} as {}: give one of them another {}",
                    other.site,
                    other.words(),
                    claim.site,
                    claim.words(),
                    plan.keys_that_name(topic)
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
            let retries = chain.retry_topics().into_iter().map(|retry| (Role::Retry, retry.topic, None));
            let dlts = chain.dlt().into_iter().map(|dlt| (Role::Dlt, dlt.clone(), None));
            let routed = chain.routes().iter().map(|it| (Role::Dlt, it.topic.clone(), Some(it.name.as_str())));
            for (role, topic, route) in retries.chain(dlts).chain(routed) {
                let claim = Claim { site: listener.site, group: &listener.group, role, source: chain.source(), route };
                claims.entry(topic).or_default().push(claim);
            }
        }
    }
    claims
}
