//! Instances: started, stopped, killed, paused, expelled.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use kafka_listen::{App, Event, Handle, Observer};

use super::World;
use crate::simulation::chain::SOURCE;
use crate::simulation::fault::Fault;
use crate::simulation::handler::Script;
use crate::simulation::history::{History, What};
use crate::simulation::team::Team;

/// An instance that runs.
pub struct Running {
    instance: usize,
    team: usize,
    version: usize,
    handle: Handle,
    is_dead: Arc<AtomicBool>,
}

/// Writes down what an instance tells of records that are gone, or make way, and of its listener's pauses.
struct Teller {
    history: History,
    instance: usize,
    group: Arc<str>,
}

impl Observer for Teller {
    fn observe(&self, event: &Event) {
        match event {
            Event::Gone { partition, from, to, .. } => {
                let place = |offset| self.history.place(&partition.topic, partition.partition, offset);
                let (from, upto) = (place(*from), place(*to).offset);
                self.history.add(What::Gone { group: self.group.clone(), from, upto });
            }
            Event::Paused { .. } => self.history.add(What::Paused { instance: self.instance }),
            Event::Resumed { .. } => self.history.add(What::Resumed { instance: self.instance }),
            Event::MovedBack { record, .. } => {
                let (of, offset) = (&record.partition, record.offset);
                let at = self.history.place(&of.topic, of.partition, offset);
                self.history.add(What::MovedBack { instance: self.instance, at });
            }
            _ => {}
        }
    }
}

impl World {
    pub(super) async fn start(&mut self, team: usize, version: usize, instances: usize) {
        let starting: Vec<_> = (0..instances)
            .map(|_| {
                let instance = self.instances;
                self.instances += 1;
                let ahead = self.ahead(instance);
                self.cluster.step_clock_of(&instance.to_string(), ahead);
                self.history.add(What::Started { instance, team, version, ahead });
                let is_dead = Arc::new(AtomicBool::new(false));
                let app = self.app(instance, team, version, &is_dead);
                (instance, is_dead, tokio::spawn(app.start()))
            })
            .collect();
        for (instance, is_dead, start) in starting {
            match start.await.expect("a start does not panic") {
                Ok(handle) => self.running.push(Running { instance, team, version, handle, is_dead }),
                Err(error) => {
                    // The number of the cluster is another one in the next run.
                    let why = error.to_string().replace(&self.address, "embedded");
                    self.history.add(What::Refused { instance, why });
                }
            }
        }
    }

    pub(super) fn app(&self, instance: usize, team: usize, version: usize, is_dead: &Arc<AtomicBool>) -> App {
        let (history, plan) = (self.history.clone(), self.plan.clone());
        let it = &self.plan.teams[team];
        let chain = &it.versions[version];
        let mut app = App::new()
            .property("bootstrap.servers", format!("{}/{instance}", self.address))
            .property("session.timeout.ms", "6000")
            .property("sim.topic", SOURCE)
            .property("sim.group", &it.group)
            .jitter_seed(instance as u64)
            .observer(Teller { history: self.history.clone(), instance, group: it.group.as_str().into() })
            .state(Script { plan, history, instance, team, is_dead: is_dead.clone(), stops: self.stops.clone() });
        if let Some((window, partition_bytes, total_bytes)) = it.limits {
            app = app.limits(window, partition_bytes, total_bytes);
        }
        if it.shape.chain {
            app = app
                .property("sim.attempts", chain.attempts.to_string())
                .property("sim.delay", chain.delay.to_string())
                .property("sim.multiplier", chain.multiplier.to_string())
                .property("sim.max_delay", chain.max_delay.to_string())
                .property("sim.jitter", chain.jitter.to_string())
                .property("sim.timeout", it.timeout.map_or_else(|| "10000d".to_owned(), |millis| millis.to_string()))
                .property("sim.concurrency", it.concurrency.unwrap_or(10_000).to_string());
        }
        (it.shape.listen)(app)
    }

    pub(super) fn stop(&mut self, which: usize) {
        let Some(running) = self.take(which) else { return };
        let (history, instance) = (self.history.clone(), running.instance);
        history.add(What::Stopping { instance });
        self.ending.push(tokio::spawn(async move {
            running.handle.stop().await;
            history.add(What::Stopped { instance });
        }));
    }

    pub(super) fn kill(&mut self, which: usize) {
        let Some(running) = self.take(which) else { return };
        self.history.add(What::Killed { instance: running.instance });
        running.is_dead.store(true, Ordering::Relaxed);
        running.handle.crash();
    }

    /// By how much the clock of a new machine differs from the broker's.
    fn ahead(&self, instance: usize) -> i64 {
        let skews = &self.plan.skews;
        let skew = instance.checked_rem(skews.len()).map_or(0, |place| skews[place]);
        self.stepped + skew
    }

    pub(super) fn step_clock(&mut self, victim: Option<usize>, millis: i64) {
        self.history.fault(Fault::ClockSet);
        let among = self.running.len();
        let machines: Vec<_> = match victim {
            Some(which) => self.running.get(which.checked_rem(among).unwrap_or(0)).into_iter().collect(),
            None => self.running.iter().collect(),
        };
        for Running { instance, .. } in machines {
            self.history.add(What::ClockSet { instance: *instance, millis });
            self.cluster.step_clock_of(&instance.to_string(), millis);
        }
        self.stepped += if victim.is_none() { millis } else { 0 };
    }

    pub(super) fn take(&mut self, which: usize) -> Option<Running> {
        let among = self.running.len();
        (among > 0).then(|| self.running.remove(which % among))
    }

    pub(super) fn pause(&self, which: usize) {
        let among = self.running.len();
        if among > 0 {
            let running = &self.running[which % among];
            self.history.fault(Fault::Paused);
            running.handle.pause("work").expect("every listener here is called so");
        }
    }

    pub(super) fn resume(&self) {
        for running in &self.running {
            for paused in running.handle.paused() {
                running.handle.resume(&paused.listener).expect("it has this listener");
            }
        }
    }

    pub(super) fn expel(&self, which: usize) {
        let groups = self.plan.teams.iter().flat_map(Team::groups);
        let members = groups.flat_map(|group| {
            let members = self.cluster.members(&group).into_iter();
            members.map(move |member| (group.clone(), member.id)).collect::<Vec<_>>()
        });
        let members: Vec<_> = members.collect();
        if !members.is_empty() {
            let (group, member) = &members[which % members.len()];
            self.history.fault(Fault::Expelled);
            self.cluster.expel(group, *member);
        }
    }

    pub(super) async fn start_whoever_is_missing(&mut self) {
        let plan = self.plan.clone();
        for (team, it) in plan.teams.iter().enumerate() {
            for version in 0..it.versions.len() {
                if !self.running.iter().any(|running| (running.team, running.version) == (team, version)) {
                    self.start(team, version, 1).await;
                }
            }
        }
    }
}
