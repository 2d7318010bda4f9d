//! A history as text: one line for each thing that happened, the same bytes for the same run.

use std::fmt;

use super::history::{Entry, Place, Stored, What};

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.topic, self.partition, self.offset)
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>6}.{:03}  {}", self.ms / 1000, self.ms % 1000, self.what)
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appended { at, record } => write!(f, "{at} appended: {record}"),
            Self::Answered { instance, topic, record, answer: Err(kind) } => {
                write!(f, "{topic} not written ({kind:?}), instance {instance}: {record}")
            }
            Self::Answered { instance, record, answer: Ok(at), .. } => {
                write!(f, "{at} acknowledged to instance {instance}: {record}")
            }
            Self::Committed { group, upto } => write!(f, "{upto} committed by {group}"),
            Self::Assigned { group, from } => write!(f, "{from} assigned to {group}"),
            Self::Begun { delivery, batch, instance, group, at, attempt, in_place, id } => {
                let id = id.map_or_else(|| "?".to_owned(), |id| id.to_string());
                write!(
                    f,
                    "{at} begun by {group}, #{id} attempt {attempt}.{in_place}, instance {instance}, delivery {delivery}"
                )?;
                if batch == delivery { Ok(()) } else { write!(f, " with {batch}") }
            }
            Self::Ended { delivery, ending } => write!(f, "delivery {delivery} {ending:?}"),
            Self::Told { delivery } => write!(f, "delivery {delivery} is told that it is being given up"),
            Self::Paused { instance } => write!(f, "instance {instance} pauses its listener"),
            Self::Resumed { instance } => write!(f, "instance {instance} lets its listener go on"),
            Self::ClockSet { instance, millis } => write!(f, "the clock of instance {instance} is set by {millis} ms"),
            Self::Started { instance, team, version, ahead } => {
                write!(f, "instance {instance} starts, team {team}, version {version}, {ahead} ms ahead")
            }
            Self::Refused { instance, why } => write!(f, "instance {instance} did not start: {why}"),
            Self::Stopping { instance } => write!(f, "instance {instance} is asked to stop"),
            Self::Stopped { instance } => write!(f, "instance {instance} has stopped"),
            Self::Killed { instance } => write!(f, "instance {instance} is killed"),
            Self::Fault(fault) => write!(f, "fault: {fault:?}"),
            Self::Planned { at, aborted: false } => write!(f, "{at} is a record of the plan"),
            Self::Planned { at, aborted: true } => write!(f, "{at} is aborted"),
            Self::Deleted { topic } => write!(f, "topic {topic} is deleted"),
            Self::Back => write!(f, "the broker is back"),
            Self::Removed { at, .. } => write!(f, "{at} is removed"),
            Self::Gone { group, from, upto } => write!(f, "{from} up to {upto} are gone, says {group}"),
            Self::MovedBack { instance, at } => write!(f, "{at} makes way for others, says instance {instance}"),
            Self::Healed => write!(f, "all faults end"),
            Self::Settled => write!(f, "everything is handled and committed"),
            Self::Stuck { group, topic, lag } => write!(f, "{group} is {lag} behind in {topic}"),
            Self::Topic { name, partitions } => write!(f, "topic {name} has {partitions} partitions"),
        }
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |number: Option<i64>| number.map_or_else(|| "-".to_owned(), |it| it.to_string());
        let id = self.id.map_or_else(|| "?".to_owned(), |id| id.to_string());
        write!(f, "#{id} attempt {} due {}", number(self.trail.attempt), number(self.trail.due))?;
        if let Some(group) = &self.trail.group {
            write!(f, " of {group}")?;
        }
        write!(f, ", {} headers", self.headers.len())
    }
}
