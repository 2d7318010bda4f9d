//! The plan as it is now, and the consumers that follow it: topics come and go where a listener has a pattern.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::engine::Event;
use crate::listener::{ConsumerKey, Plan, PlannedConsumer};
use crate::record::TopicName;
use crate::runtime::Inbox;

/// The plan as it is now, shared by all who go by it.
#[derive(Clone, Debug)]
pub(crate) struct CurrentPlan(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    plan: Arc<Plan>,
    /// The ways to the consumers that may get more topics.
    inboxes: BTreeMap<ConsumerKey, Arc<Inbox>>,
}

impl CurrentPlan {
    pub(super) fn new(plan: Plan) -> Self {
        Self(Arc::new(Mutex::new(State { plan: Arc::new(plan), inboxes: BTreeMap::new() })))
    }

    /// The plan at this moment.
    pub(crate) fn get(&self) -> Arc<Plan> {
        self.lock().plan.clone()
    }

    /// A consumer that is about to start, with what it is to read now, and the plan that says so.
    pub(super) fn as_it_is(&self, planned: PlannedConsumer) -> (Arc<Plan>, PlannedConsumer) {
        let plan = self.get();
        let newest = plan.consumers().into_iter().find(|it| planned.grows && it.key() == planned.key());
        (plan, newest.unwrap_or(planned))
    }

    /// Tells a consumer what it is to read whenever that changes from now on, and if it did since that plan.
    pub(super) fn follow(&self, key: ConsumerKey, inbox: Arc<Inbox>, since: &Arc<Plan>) {
        let mut state = self.lock();
        if !Arc::ptr_eq(&state.plan, since) {
            let planned = state.plan.consumers().into_iter().find(|planned| planned.key() == key);
            planned.into_iter().for_each(|planned| inbox.put(Event::Sources(planned.topics)));
        }
        state.inboxes.insert(key, inbox);
    }

    /// Goes over to another plan, and tells the consumers that read other topics now.
    pub(super) fn set(&self, plan: Plan) {
        let mut state = self.lock();
        let before: BTreeMap<_, _> = state.plan.consumers().iter().map(|it| (it.key(), names(it))).collect();
        for planned in plan.consumers() {
            let key = planned.key();
            if before.get(&key) != Some(&names(&planned))
                && let Some(inbox) = state.inboxes.get(&key)
            {
                inbox.put(Event::Sources(planned.topics));
            }
        }
        state.plan = Arc::new(plan);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn names(planned: &PlannedConsumer) -> Vec<TopicName> {
    planned.topics.iter().map(|(source, _)| source.topic.clone()).collect()
}
