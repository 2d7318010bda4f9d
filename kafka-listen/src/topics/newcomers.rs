//! Topics that a pattern matches and that appeared while no process of its listener's group ran. It looks, and changes nothing.

use super::unread::partitions;
use crate::broker::{Admin, ClientError, OffsetReset};
use crate::engine::ListenerIndex;
use crate::listener::{Found, Plan};
use crate::record::TopicName;

/// Where it matters: a listener that begins with what comes from now on would pass over all that lies in such a topic. They are
/// known by what their group has committed of other topics of the pattern, and of these nothing.
///
/// # Errors
/// The cluster cannot be asked, or does not let us see the group.
pub(crate) async fn newcomers(admin: &dyn Admin, plan: &Plan) -> Result<Vec<Found>, ClientError> {
    let mut found = Vec::new();
    for (index, listener) in plan.listeners.iter().enumerate() {
        if listener.pattern().is_none() || listener.settings.offset_reset != OffsetReset::Latest {
            continue;
        }
        let topics: Vec<_> = listener.rules.iter().map(|rules| rules.chain.source().clone()).collect();
        let (known, unknown) = by_commits(admin, &listener.group, topics).await?;
        if !known.is_empty() {
            found.extend(unknown.into_iter().map(|topic| (ListenerIndex(index), topic)));
        }
    }
    Ok(found)
}

/// The topics of which a group has committed something, and the others.
async fn by_commits(
    admin: &dyn Admin,
    group: &str,
    topics: Vec<TopicName>,
) -> Result<(Vec<TopicName>, Vec<TopicName>), ClientError> {
    let counts = admin.partitions(&topics).await?;
    let places = topics.iter().zip(counts).flat_map(|(topic, count)| partitions(topic, count.unwrap_or(0)));
    let places: Vec<_> = places.collect();
    let committed = admin.committed(group, &places).await?;
    let is_known = |topic: &TopicName| {
        places.iter().zip(&committed).any(|(place, offset)| place.topic == *topic && offset.is_some())
    };
    Ok(topics.into_iter().partition(is_known))
}
