//! What handlers do: as the plan says, and every call is written down.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use kafka_listen::{Cancel, Delivery};

use super::chain::is_dead;
use super::fault::Fault;
use super::history::{Ending, History, What};
use super::payload::identify;
use super::plan::{Fate, Grip, Pace, Plan, Plea};

/// What the handlers of one instance go by.
#[derive(Clone, Debug)]
pub struct Script {
    pub plan: Arc<Plan>,
    pub history: History,
    pub instance: usize,
    pub team: usize,
    /// Whether the instance was killed: its handlers are no more.
    pub is_dead: Arc<AtomicBool>,
    pub stops: Stops,
}

/// How often its handlers asked a team's listener to stop, for each record.
pub type Stops = Arc<Mutex<BTreeMap<(usize, u32), u32>>>;

/// A panic on purpose says this, so that nobody prints it.
pub const PANIC: &str = "a panic of the simulation's plan";

impl Script {
    /// A delivery, be it from the source topic, a retry topic or the DLT.
    pub async fn deliver(&self, delivery: &Delivery<'_>) -> Result<(), String> {
        let (note, fate, time) = self.begins(delivery).await;
        pass(time).await;
        self.ends(delivery, note, fate)
    }

    /// A delivery that takes note of being told to give up, and does so if it heeds that.
    pub async fn deliver_unless(&self, delivery: &Delivery<'_>, cancel: &Cancel) -> Result<(), String> {
        let (note, fate, time) = self.begins(delivery).await;
        let mut passing = pin!(pass(time));
        tokio::select! {
            biased;
            () = &mut passing => return self.ends(delivery, note, fate),
            () = cancel.cancelled() => self.history.add(What::Told { delivery: note.delivery }),
        }
        if fate.heeds {
            note.end(Ending::Failed);
            return Err("given up".to_owned());
        }
        passing.await;
        self.ends(delivery, note, fate)
    }

    fn ends(&self, delivery: &Delivery<'_>, note: Note, fate: Fate) -> Result<(), String> {
        if !is_dead(delivery.topic()) && self.asks_to_stop(id_of(delivery), fate) {
            note.end(Ending::Stopped);
            self.history.fault(Fault::AskedToStop);
            return Err(Plea::Stop.text());
        }
        match self.fails(delivery, fate) {
            false => note.end(Ending::Handled),
            true if fate.panics => note.panic(),
            true => {
                note.end(Ending::Failed);
                return Err(fate.plea.text());
            }
        }
        Ok(())
    }

    /// A delivery has begun: what is to come of it, and after how long.
    pub(super) async fn begins(&self, delivery: &Delivery<'_>) -> (Note, Fate, Duration) {
        if self.is_killed() {
            return std::future::pending().await;
        }
        let id = id_of(delivery);
        let (note, fate) = (self.begin(delivery, id, None), self.fate(id));
        (note, fate, fate.takes(salt(delivery, id)))
    }

    pub(super) fn is_killed(&self) -> bool {
        self.is_dead.load(Ordering::Relaxed)
    }

    fn asks_to_stop(&self, id: Option<u32>, fate: Fate) -> bool {
        let most = self.plan.teams[self.team].stops(fate);
        let Some(id) = id.filter(|_| most > 0) else { return false };
        let mut stops = self.stops.lock().unwrap_or_else(PoisonError::into_inner);
        let so_far = stops.entry((self.team, id)).or_default();
        *so_far += 1;
        *so_far <= most
    }

    /// A batch, which takes as long as the slowest of its records would. It does not panic, since that would be a failure of all.
    pub async fn deliver_all(&self, batch: &[&Delivery<'_>]) -> Vec<Result<(), String>> {
        if self.is_killed() {
            return std::future::pending().await;
        }
        let (mut notes, mut time) = (Vec::<Note>::new(), Duration::ZERO);
        for delivery in batch {
            let id = id_of(delivery);
            notes.push(self.begin(delivery, id, notes.first().map(|first| first.delivery)));
            time = time.max(self.fate(id).takes(salt(delivery, id)));
        }
        pass(time).await;
        let end = |(delivery, note): (&&Delivery<'_>, Note)| {
            let fate = self.fate(id_of(delivery));
            let fails = self.fails(delivery, fate);
            note.end(if fails { Ending::Failed } else { Ending::Handled });
            if fails { Err(fate.plea.text()) } else { Ok(()) }
        };
        batch.iter().zip(notes).map(end).collect()
    }

    fn fate(&self, id: Option<u32>) -> Fate {
        let draft = id.and_then(|id| self.plan.records.get(id as usize));
        draft.map_or(Fate::FINE, |draft| draft.fate)
    }

    pub(super) fn fails(&self, delivery: &Delivery<'_>, fate: Fate) -> bool {
        let (shape, attempt) = (self.plan.teams[self.team].shape, delivery.attempt());
        match (is_dead(delivery.topic()), shape.chain) {
            (true, _) => attempt.in_place <= fate.dead_fails_until,
            (false, true) => attempt.number <= fate.fails_until || shape.tries > 1 && attempt.in_place <= fate.stumbles,
            (false, false) => attempt.in_place <= fate.fails_until,
        }
    }

    fn begin(&self, delivery: &Delivery<'_>, id: Option<u32>, batch: Option<usize>) -> Note {
        let (number, attempt) = (self.history.next_delivery(), delivery.attempt());
        self.history.add(What::Begun {
            delivery: number,
            batch: batch.unwrap_or(number),
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

fn id_of(delivery: &Delivery<'_>) -> Option<u32> {
    identify(delivery.value(), delivery.headers().iter().map(|header| (header.name, header.value)))
}

/// What makes one delivery take longer than another.
fn salt(delivery: &Delivery<'_>, id: Option<u32>) -> u32 {
    let attempt = delivery.attempt();
    id.unwrap_or(0).wrapping_add(attempt.number.wrapping_mul(31)).wrapping_add(attempt.in_place * 7)
}

pub(super) async fn pass(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time).await;
    }
}

/// A delivery that runs. Dropped without an end, it was cancelled.
pub(super) struct Note {
    history: History,
    delivery: usize,
    ending: Ending,
}

impl Note {
    pub(super) fn end(mut self, ending: Ending) {
        self.ending = ending;
    }

    pub(super) fn panic(self) -> ! {
        self.end(Ending::Panicked);
        std::panic::panic_any(PANIC);
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        self.history.add(What::Ended { delivery: self.delivery, ending: self.ending });
    }
}

impl Fate {
    const FINE: Self = Self {
        fails_until: 0,
        stumbles: 0,
        panics: false,
        plea: Plea::Retry,
        pace: Pace::AtOnce,
        dead_fails_until: 0,
        stops: 0,
        grip: Grip::AtOnce,
        heeds: false,
    };

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
