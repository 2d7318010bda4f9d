//! What a handler's parameters need of the application, known before the first record.

use std::any::TypeId;

/// Collects what the parameters of one handler need of the application.
#[derive(Debug, Default)]
pub struct Needs {
    parameter: &'static str,
    states: Vec<StateNeed>,
    acks: Vec<&'static str>,
}

/// A parameter that needs a state.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub struct StateNeed {
    /// The parameter as it stands in the source.
    pub parameter: &'static str,
    /// The state's type.
    pub type_id: TypeId,
    /// The state's type, by its name.
    pub type_name: &'static str,
}

impl Needs {
    /// Names the parameter whose needs come next.
    #[doc(hidden)]
    pub fn parameter(&mut self, parameter: &'static str) -> &mut Self {
        self.parameter = parameter;
        self
    }

    /// The parameter needs a state of type `T`, as [`State<T>`](crate::State) does.
    pub fn state<T: 'static>(&mut self) {
        self.states.push(StateNeed {
            parameter: self.parameter,
            type_id: TypeId::of::<T>(),
            type_name: std::any::type_name::<T>(),
        });
    }

    /// The parameter takes the delivery's [`Ack`](crate::Ack), as that itself does, which makes the listener manual.
    pub fn ack(&mut self) {
        self.acks.push(self.parameter);
    }

    /// The parameters that take the ack, of which there is one.
    pub(crate) fn acks(&self) -> &[&'static str] {
        &self.acks
    }

    pub(crate) fn states(&self) -> &[StateNeed] {
        &self.states
    }
}
