//! The seeded simulation: real applications on the in-process broker, in virtual time. One seed decides everything that happens, and a
//! checker that shares no code with the library judges what happened. `docs/simulation.md` says how to use it.
//!
//! - `plan`: what a seed decides, `draw`: how; `payload`, `headers`, `chain`: what its records and chains are, in a model of their own
//! - `world`: runs the plan; `listeners`, `handler`, `faults`, `trap`: what happens in it
//! - `history`: what happened, `show`: as text; `check`: whether that keeps the promises
//! - `run`: one seed; `report`: many; `controls`: rules broken on purpose

mod chain;
mod check;
mod controls;
mod draw;
mod faults;
mod handler;
mod headers;
mod history;
mod listeners;
mod payload;
mod plan;
mod report;
mod run;
mod show;
mod trap;
mod world;

pub use controls::Controls;
pub use report::Report;
pub use run::Run;
