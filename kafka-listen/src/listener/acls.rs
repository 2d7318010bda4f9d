//! The rights that a plan needs on a cluster with an authorizer. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::plan::Plan;

/// What a right is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AclResource {
    /// The topic of this name.
    Topic(String),
    /// The consumer group of this name.
    Group(String),
}

/// What may be done. `Describe` is in each of the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AclOperation {
    /// To read a topic, or as a group.
    Read,
    /// To write to a topic.
    Write,
    /// To create a topic, where it does not exist.
    Create,
    /// To see a topic's settings.
    DescribeConfigs,
}

/// The rights that an application needs: exactly these, but for what its handlers do by themselves.
///
/// Its `Display` is a line for each resource, for people; [`commands`](Self::commands) are for a shell.
///
/// ```no_run
/// # use kafka_listen::prelude::*;
/// # fn demo() -> Result<(), kafka_listen::Error> {
/// let acls = App::from_env().plan()?.acls();
/// println!("{}", acls.commands("kafka:9092", "User:email"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acls(BTreeMap<AclResource, BTreeSet<AclOperation>>);

impl Acls {
    /// Each resource with all that is done with it.
    pub fn iter(&self) -> impl Iterator<Item = (&AclResource, &BTreeSet<AclOperation>)> {
        self.0.iter()
    }

    /// The commands that give a principal these rights, `User:email` for example, one a line.
    pub fn commands(&self, bootstrap_server: &str, principal: &str) -> String {
        let command = |(resource, operations): (&AclResource, &BTreeSet<AclOperation>)| {
            let (option, name) = match resource {
                AclResource::Topic(name) => ("--topic", name),
                AclResource::Group(name) => ("--group", name),
            };
            let operations: String = operations.iter().map(|operation| format!(" --operation {operation}")).collect();
            format!(
                "kafka-acls.sh --bootstrap-server {bootstrap_server} --add --allow-principal {principal}{operations} {option} {name}\n"
            )
        };
        self.0.iter().map(command).collect()
    }

    fn add<const N: usize>(&mut self, resource: AclResource, operations: [AclOperation; N]) {
        self.0.entry(resource).or_default().extend(operations);
    }
}

impl Plan {
    /// The rights that it needs. `Create` may be given for the cluster instead, and is needed only where topics are to be
    /// created; brokers before Kafka 2.8 want `IdempotentWrite` on the cluster, too. A topic that a handler writes to by itself
    /// takes `Write`.
    pub fn acls(&self) -> Acls {
        use AclOperation::{Create, DescribeConfigs, Read, Write};
        let topic = |name: &str| AclResource::Topic(name.to_owned());
        let mut acls = Acls::default();
        for listener in &self.listeners {
            for chain in listener.rules.iter().map(|rules| &rules.chain) {
                acls.add(topic(chain.source()), [DescribeConfigs]);
                for written in chain.topics() {
                    acls.add(topic(&written), [Write, DescribeConfigs]);
                    if listener.settings.auto_create {
                        acls.add(topic(&written), [Create]);
                    }
                }
            }
            for left_over in &listener.left_over {
                // A wait in front of others goes to the end of its topic.
                acls.add(topic(&left_over.topic), [Write]);
            }
        }
        for consumer in self.consumers() {
            acls.add(AclResource::Group(consumer.group), [Read]);
            consumer.topics.iter().for_each(|(source, _)| acls.add(topic(&source.topic), [Read]));
        }
        acls
    }
}

impl fmt::Display for Acls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (resource, operations) in &self.0 {
            let operations: Vec<_> = operations.iter().map(ToString::to_string).collect();
            write!(f, "\n  {resource}: {}", operations.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for AclResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Topic(name) => write!(f, "Topic {name}"),
            Self::Group(name) => write!(f, "Group {name}"),
        }
    }
}

impl fmt::Display for AclOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "Read",
            Self::Write => "Write",
            Self::Create => "Create",
            Self::DescribeConfigs => "DescribeConfigs",
        })
    }
}
