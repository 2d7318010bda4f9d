//! The seeded simulation: real applications on the in-process broker, in virtual time. One seed decides everything that happens, and a
//! checker that shares no code with the library judges what happened. `docs/simulation.md` says how to use it.
//!
//! - `plan`, `team`: what a seed decides, `draw`: how; `payload`, `headers`, `chain`: what its records and chains are, in a model of their own
//! - `world`: runs the plan; `listeners`, `shapes`, `handler`, `by_ack`, `faults`, `trap`: what happens in it
//! - `history` (`place`, `fault`): what happened, `show`: as text; `check`: whether that keeps the promises
//! - `run`: one seed; `report`: many; `controls`: rules broken on purpose

mod by_ack;
mod chain;
mod check;
mod controls;
mod draw;
mod fault;
mod faults;
mod handler;
mod headers;
mod history;
mod listeners;
mod payload;
mod place;
mod plan;
mod report;
mod run;
mod shapes;
mod show;
mod team;
mod trap;
mod world;

pub use controls::Controls;
pub use report::Report;
pub use run::Run;
