//! Topics that appeared a short while ago.

use std::collections::{BTreeMap, BTreeSet};

use crate::record::TopicName;

/// For so many looks a topic is new: until whoever made it has begun to read it, or has written to it.
const LOOKS: u32 = 6;

/// Which topics are new, as of the last look.
pub(super) struct Newest {
    known: BTreeSet<TopicName>,
    /// With the looks that they are new for.
    new: BTreeMap<TopicName, u32>,
}

impl Newest {
    /// Nothing is new yet.
    pub(super) fn since(names: Vec<TopicName>) -> Self {
        Self { known: names.into_iter().collect(), new: BTreeMap::new() }
    }

    /// These are all topics that there are now.
    pub(super) fn look_at(&mut self, names: &[TopicName]) {
        self.new.retain(|_, looks| {
            *looks -= 1;
            *looks > 0
        });
        let now: BTreeSet<_> = names.iter().cloned().collect();
        self.new.extend(now.difference(&self.known).map(|topic| (topic.clone(), LOOKS)));
        self.known = now;
    }

    pub(super) fn contains(&self, topic: &TopicName) -> bool {
        self.new.contains_key(topic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<TopicName> {
        names.iter().map(|name| TopicName::new(*name).unwrap()).collect()
    }

    #[test]
    fn a_topic_is_new_for_some_looks_and_again_when_it_comes_back() {
        let mut newest = Newest::since(names(&["old"]));
        let (old, new) = (&names(&["old"])[0], &names(&["new"])[0]);
        for look in 0..=LOOKS {
            newest.look_at(&names(&["new", "old"]));
            assert_eq!((newest.contains(new), newest.contains(old)), (look < LOOKS, false), "look {look}");
        }
        newest.look_at(&names(&["old"]));
        newest.look_at(&names(&["new", "old"]));
        assert!(newest.contains(new));
    }
}
