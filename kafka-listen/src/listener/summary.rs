//! What start-up says of a plan.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::plan::Plan;
use super::planned::PlannedListener;
use crate::retry::{Chain, End, Rules};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for listener in &self.listeners {
            write!(
                f,
                "\n  {}, group {}, at {}:{}",
                listener.id,
                listener.group,
                listener.site.location.file(),
                listener.site.location.line()
            )?;
            if !listener.settings.auto_start {
                write!(f, ", not started")?;
            }
            for setting in listener.settings.origins.overridden() {
                write!(f, "\n    {setting}")?;
            }
            if let Some(pattern) = listener.pattern() {
                let none = if listener.rules.is_empty() { ": none yet" } else { "" };
                write!(f, "\n    topics that match `{pattern}`, now and later{none}")?;
            }
            for rules in &listener.rules {
                write!(f, "\n    {}", rules.chain.source())?;
                for retry in rules.chain.retry_topics() {
                    write!(f, " -> {} ({})", retry.topic, humantime::format_duration(retry.shortest))?;
                }
                match rules.chain.end() {
                    End::Dlt(topic) => {
                        write!(f, " -> {topic}")?;
                        rules.chain.routes().iter().try_for_each(|route| write!(f, " or {}", route.topic))?;
                    }
                    End::Discard => write!(f, " -> discarded")?,
                    End::TryAgain => write!(f, ", tried again without end")?,
                    End::PassOver => write!(f, ", passed over")?,
                }
                if let Some(handler) = listener.dlt_handler {
                    write!(f, ", handled by {}", handler.site.function)?;
                }
                for left_over in listener.left_over.iter().filter(|it| it.source == *rules.chain.source()) {
                    write!(f, "\n      and what an earlier version left in {}", left_over.topic)?;
                }
                for PlannedListener { id, group, .. } in sharing(self, listener, &rules.chain) {
                    write!(f, "\n      shared with {id}, group {group}: each passes over the records of the other")?;
                }
            }
        }
        Ok(())
    }
}

/// Listeners of other groups with the same source topic and a topic of this chain.
fn sharing<'p>(plan: &'p Plan, listener: &PlannedListener, chain: &Chain) -> impl Iterator<Item = &'p PlannedListener> {
    let topics = |chain: &Chain| chain.topics().collect::<BTreeSet<_>>();
    let (group, source, mine) = (listener.group.clone(), chain.source().clone(), topics(chain));
    let shares = move |rules: &Arc<Rules>| *rules.chain.source() == source && !topics(&rules.chain).is_disjoint(&mine);
    plan.listeners.iter().filter(move |other| other.group != group && other.rules.iter().any(&shares))
}
