//! Records: written by whoever is not the application, and removed by the broker.

use kafka_listen::testing::{Outgoing, OwnedBody, Wanted};
use kafka_listen::{HeaderBuf, TopicName};

use super::World;
use crate::simulation::chain::SOURCE;
use crate::simulation::fault::Fault;
use crate::simulation::headers;
use crate::simulation::history::What;
use crate::simulation::plan::{Birth, Draft};

impl World {
    pub(super) fn write(&self, index: usize) {
        let draft = &self.plan.records[index];
        let (topic, headers) = match &draft.birth {
            Birth::Source | Birth::Aborted => (SOURCE.to_owned(), draft.headers.clone()),
            Birth::Retry { attempt, delay, group } => {
                let due = self.cluster.now().as_millis().saturating_add_unsigned(*delay);
                let copied = headers::copied(*attempt, due, group.as_deref());
                (self.plan.teams[0].retry_topic(*attempt), [draft.headers.clone(), copied].concat())
            }
        };
        // Whoever writes there has created it.
        self.cluster.create_topic(&topic, self.plan.partitions).expect("the name is good");
        let partitions = self.cluster.partitions(&topic).unwrap_or(1);
        let record = outgoing(draft, &topic, draft.partition % partitions, headers);
        let written = match draft.birth {
            Birth::Aborted => {
                self.history.fault(Fault::Aborted);
                self.cluster.produce_aborted(record)
            }
            _ => self.cluster.produce(record),
        };
        // What a narrow topic does not take is not there for anybody.
        if let Ok(written) = written {
            let at = self.history.place(&topic, written.partition, written.offset);
            self.history.add(What::Planned { at, aborted: draft.birth == Birth::Aborted });
        }
    }

    pub(super) fn expire(&self, partition: i32, records: i64) {
        self.history.fault(Fault::Expired);
        let before = self.cluster.records(SOURCE, partition);
        let first = before.first().map_or(0, |record| record.offset);
        self.remove(partition, before.iter().map(|it| it.offset).filter(|it| *it < first + records), false);
        self.cluster.delete_records(SOURCE, partition, first + records);
    }

    pub(super) fn compact(&self, partition: i32) {
        self.history.fault(Fault::Compacted);
        let before = self.cluster.records(SOURCE, partition);
        self.cluster.compact(SOURCE, partition);
        let left: Vec<_> = self.cluster.records(SOURCE, partition).iter().map(|record| record.offset).collect();
        self.remove(partition, before.iter().map(|it| it.offset).filter(|it| !left.contains(it)), true);
    }

    /// Deletes one of the chains' topics, if there is one.
    pub(super) fn delete(&self, which: usize) {
        let topics = self.plan.chain_topics().into_iter();
        let there: Vec<_> = topics.filter_map(|topic| Some((self.cluster.partitions(&topic)?, topic))).collect();
        let Some((partitions, topic)) = which.checked_rem(there.len()).map(|place| &there[place]) else { return };
        self.history.fault(Fault::Deleted);
        for partition in 0..*partitions {
            let records = self.cluster.records(topic, partition);
            self.remove_from(topic, partition, records.iter().map(|record| record.offset), true);
        }
        self.history.deleted(topic);
        self.cluster.delete_topic(topic);
    }

    pub(super) fn remove(&self, partition: i32, offsets: impl Iterator<Item = i64>, silently: bool) {
        self.remove_from(SOURCE, partition, offsets, silently);
    }

    fn remove_from(&self, topic: &str, partition: i32, offsets: impl Iterator<Item = i64>, silently: bool) {
        for offset in offsets {
            self.history.add(What::Removed { at: self.history.place(topic, partition, offset), silently });
        }
    }
}

fn outgoing(draft: &Draft, topic: &str, partition: i32, headers: Vec<HeaderBuf>) -> Outgoing {
    let body = OwnedBody { key: draft.key.clone(), value: draft.content.value(draft.id), headers };
    let topic = TopicName::new(topic).expect("the name is good");
    Outgoing { topic, partition: Wanted::Exactly(partition), body: body.pack().expect("it is small"), timestamp: None }
}
