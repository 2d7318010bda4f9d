//! What handlers do: as the plan says, and every call is written down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kafka_listen::Delivery;

use super::chain::is_dead;
use super::history::{Ending, History, What};
use super::payload::identify;
use super::plan::{Fate, Pace, Plan, Plea};

/// What the handlers of one instance go by.
#[derive(Clone, Debug)]
pub struct Script {
    pub plan: Arc<Plan>,
    pub history: History,
    pub instance: usize,
    pub team: usize,
    /// Whether the instance was killed: its handlers are no more.
    pub is_dead: Arc<AtomicBool>,
}

/// A panic on purpose says this, so that nobody prints it.
pub const PANIC: &str = "a panic of the simulation's plan";

impl Script {
    /// A delivery, be it from the source topic, a retry topic or the DLT.
    pub async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), String> {
        if self.is_dead.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let headers = delivery.headers().iter().map(|header| (header.name, header.value));
        let id = identify(delivery.value(), headers);
        let draft = id.and_then(|id| self.plan.records.get(id as usize));
        let attempt = delivery.attempt();
        let note = self.begin(delivery, id);
        let fate = draft.map_or(Fate::FINE, |draft| draft.fate);
        let salt = id.unwrap_or(0).wrapping_add(attempt.number.wrapping_mul(31)).wrapping_add(attempt.in_place * 7);
        match fate.takes(salt) {
            Duration::ZERO => {}
            time => tokio::time::sleep(time).await,
        }
        let shape = self.plan.teams[self.team].shape;
        let fails = match (is_dead(delivery.topic()), shape.chain) {
            (true, _) => attempt.in_place <= fate.dead_fails_until,
            (false, true) => attempt.number <= fate.fails_until || shape.tries > 1 && attempt.in_place <= fate.stumbles,
            (false, false) => attempt.in_place <= fate.fails_until,
        };
        match fails {
            false => note.end(Ending::Handled),
            true if fate.panics => {
                note.end(Ending::Panicked);
                std::panic::panic_any(PANIC);
            }
            true => {
                note.end(Ending::Failed);
                return Err(fate.plea.text());
            }
        }
        Ok(())
    }

    fn begin(&self, delivery: &Delivery<'_>, id: Option<u32>) -> Note {
        let (number, attempt) = (self.history.next_delivery(), delivery.attempt());
        self.history.add(What::Begun {
            delivery: number,
            instance: self.instance,
            group: delivery.group().into(),
            at: self.history.place(delivery.topic(), delivery.partition(), delivery.offset()),
            attempt: attempt.number,
            in_place: attempt.in_place,
            id,
        });
        Note { history: self.history.clone(), delivery: number, ending: Ending::Cancelled }
    }
}

/// A delivery that runs. Dropped without an end, it was cancelled.
struct Note {
    history: History,
    delivery: usize,
    ending: Ending,
}

impl Note {
    fn end(mut self, ending: Ending) {
        self.ending = ending;
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.history.add(What::Ended { delivery: self.delivery, ending: self.ending });
    }
}

impl Fate {
    const FINE: Self =
        Self { fails_until: 0, stumbles: 0, panics: false, plea: Plea::Retry, pace: Pace::AtOnce, dead_fails_until: 0 };

    /// How long a delivery takes; `salt` makes one differ from another.
    fn takes(self, salt: u32) -> Duration {
        let dice = u64::from(salt.wrapping_mul(0x9e37_79b9) >> 16);
        match self.pace {
            Pace::AtOnce => Duration::ZERO,
            Pace::Quick => Duration::from_millis(dice % 40),
            Pace::Slow => Duration::from_millis(dice % 5_000),
        }
    }
}
