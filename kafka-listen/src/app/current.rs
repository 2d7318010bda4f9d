//! The plan as it is now: topics come and go where a listener has a pattern.

use std::sync::{Arc, PoisonError, RwLock};

use crate::listener::Plan;

/// The plan as it is now, shared by all who go by it.
#[derive(Clone, Debug)]
pub(crate) struct CurrentPlan(Arc<RwLock<Arc<Plan>>>);

impl CurrentPlan {
    pub(super) fn new(plan: Plan) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(plan))))
    }

    /// The plan at this moment.
    pub(crate) fn get(&self) -> Arc<Plan> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, plan: Plan) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(plan);
    }
}
