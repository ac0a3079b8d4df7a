//! How work survives: durable operations made of steps that can be undone.
//!
//! ```text
//!  request ─▶ Journal::create ─▶ claim (lease) ─▶ plan ─▶ steps, as parallel as the graph allows
//!                  ▲                                │        each logged before and after
//!                  └── retry, rollback, fail ◀── FAILED_TEMP ─▶ …
//!  crash anywhere ─▶ the lease ends ─▶ another worker claims ─▶ replays the log ─▶ goes on
//! ```
//!
//! | term | meaning |
//! |---|---|
//! | operation | one lifecycle management operation occurrence of ETSI |
//! | procedure | what an operation of one kind does: its step table, its plan, its effect |
//! | step | a row of the table: a function that does, a function that undoes |
//! | plan | the graph of an operation: nodes that name a step and its input |
//! | journal | where operations and their logs are kept |
//!
//! **Architecture invariant:** this crate knows no VNF, no NS, no database and no HTTP. A subject is
//! a kind, an id and a document that only its procedures understand.

mod engine;
mod error;
mod journal;
mod measure;
mod memory;
mod operation;
mod origin;
mod plan;
mod procedure;
mod progress;
pub mod proof;
mod pulse;
mod rest;
mod run;
mod step;

pub use engine::{Engine, Settings};
pub use error::{JournalError, PlanError, StepError};
pub use journal::{Change, Journal, Lease, NewOperation, Request};
pub use memory::MemoryJournal;
pub use operation::{Operation, Subject};
pub use plan::{Graph, Node, Plan};
pub use procedure::Procedure;
pub use progress::{NodeState, NodeStatus, Progress, StepEvent, StepEventKind};
pub use pulse::Pulse;
pub use step::{Step, StepCall, StepFn, Undo, is_past_return};
