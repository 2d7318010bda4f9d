//! What handlers do with the `Ack` of their record: say at once or later what came of it, nothing at all, or the contrary of what
//! they said before.

use std::time::Duration;

use kafka_listen::{Ack, Delivery};

use super::handler::{Note, Script, pass};
use super::history::Ending;
use super::plan::{Grip, Plea};

impl Script {
    /// A delivery that ends as its ack says, or by an error before that.
    pub async fn deliver_by_ack(&self, delivery: &Delivery<'_>, ack: Ack) -> Result<(), String> {
        let (note, fate, time) = self.begins(delivery).await;
        pass(time).await;
        let fails = self.fails(delivery, fate);
        if fails && fate.panics {
            note.panic();
        }
        let team = &self.plan.teams[self.team];
        let (limit, plea) = (team.shape.timeout, team.plea(fate));
        let in_silence = fate.stumbles > 0;
        let said = Said { note, ack, fails, plea, in_silence };
        match fate.grip {
            Grip::Later(millis) => {
                let (later, script) = (clear_of(limit, time, Duration::from_millis(millis)), self.clone());
                tokio::spawn(async move {
                    pass(later).await;
                    // The tasks of a process that was killed are no more.
                    if !script.is_killed() {
                        said.say();
                    }
                });
            }
            Grip::ThenFails => {
                said.say();
                return Err("behind the ack".to_owned());
            }
            Grip::FailsFirst if fails => {
                said.note.end(Ending::Failed);
                tokio::spawn(async move {
                    pass(Duration::from_millis(100)).await;
                    said.ack.done();
                });
                return Err("before the ack".to_owned());
            }
            Grip::Forgotten if fails && limit.is_some() => {
                tokio::spawn(async move {
                    pass(Duration::from_secs(10)).await;
                    drop(said);
                });
            }
            Grip::AtOnce | Grip::FailsFirst | Grip::Forgotten => said.say(),
        }
        Ok(())
    }
}

/// What is to be said of a delivery.
struct Said {
    note: Note,
    ack: Ack,
    fails: bool,
    plea: Plea,
    /// Whether to be tried again is asked for by letting go of the ack.
    in_silence: bool,
}

impl Said {
    fn say(self) {
        let Self { note, ack, fails, plea, in_silence } = self;
        note.end(if fails { Ending::Failed } else { Ending::Handled });
        match plea {
            _ if !fails => ack.done(),
            Plea::RetryAfter(millis) => ack.retry_after(Duration::from_millis(millis)),
            Plea::DeadLetter => ack.dead_letter("as planned"),
            Plea::To => ack.dead_letter_to("fraud", "as planned"),
            Plea::ToNowhere => ack.dead_letter_to("nowhere", "as planned"),
            _ if in_silence => drop(ack),
            Plea::Retry | Plea::Discard | Plea::Fraud | Plea::Stop => ack.retry(),
        }
    }
}

/// How long to wait so that a delivery does not end in the very millisecond in which its time is up.
fn clear_of(limit: Option<u64>, passed: Duration, wait: Duration) -> Duration {
    let is_the_same = limit.is_some_and(|limit| passed + wait == Duration::from_millis(limit));
    wait + Duration::from_millis(u64::from(is_the_same))
}
