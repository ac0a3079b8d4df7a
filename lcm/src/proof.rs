//! Proofs for step tables: what must hold for every operation, whatever it does.
//!
//! | proof | says |
//! |---|---|
//! | [`every_step_holds`] | each step may fail, may repeat, and the process may die around it |
//! | [`every_undo_holds`] | so may each undo |
//! | [`every_write_may_be_the_last`] | the process may die before and after each write of its log |
//! | [`every_cancel_holds`] | a cancel may come at any moment, and takes effect within a bound |
//! | [`every_late_write_is_refused`] | a lease may be lost while the step still runs |
//!
//! A proof runs an operation once to learn its nodes, and then again and again, each time in a new
//! world and with one [`Injection`]. What must hold afterwards is said by the [`Stage`] of the
//! program under proof. All time is tokio's, so that a paused clock makes the bounds exact and the
//! proofs quick.

mod cancels;
mod injection;
mod leases;
mod shift;
mod steps;
mod undos;
mod watched;
mod writes;

use std::sync::Arc;

use async_trait::async_trait;
use windlass_model::{OperationId, OperationState};

use crate::engine::Engine;

pub use cancels::every_cancel_holds;
pub(crate) use injection::Verdict;
pub use injection::{Fault, Injection, Moment};
pub use leases::every_late_write_is_refused;
pub use steps::every_step_holds;
pub use undos::every_undo_holds;
pub use writes::every_write_may_be_the_last;

/// A fresh world in which one operation can be asked for.
#[async_trait]
pub trait Stage: Send + Sync {
    /// The program that runs the operation.
    type Program: Send + Sync + 'static;

    /// An engine over this world's journal, as a new process of the same name would have it.
    fn engine(&self, injection: Option<Arc<Injection>>) -> Arc<Engine<Self::Program>>;

    /// Asks for the operation.
    async fn ask(&self, engine: &Engine<Self::Program>) -> OperationId;

    /// Panics unless everything is as it should be after the operation came to `state`:
    /// what COMPLETED promises, or nothing left after ROLLED_BACK.
    async fn inspect(&self, state: OperationState);
}

/// All proofs of this module, for the table that `new_stage` leads to.
///
/// # Panics
/// When the table does not hold.
pub async fn every_property_holds<S: Stage>(new_stage: impl AsyncFn() -> S) {
    every_step_holds(&new_stage).await;
    every_undo_holds(&new_stage).await;
    every_write_may_be_the_last(&new_stage).await;
    every_cancel_holds(&new_stage).await;
    every_late_write_is_refused(&new_stage).await;
}
