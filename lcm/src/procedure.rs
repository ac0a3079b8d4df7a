//! A procedure: what the operations of one kind do.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use windlass_model::OperationState;

use crate::error::StepError;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::progress::Progress;
use crate::step::Step;

/// What the operations of one kind do. A procedure opens with its table of steps.
#[async_trait]
pub trait Procedure<C: Send + Sync + 'static>: Send + Sync + 'static {
    /// Its name in the journal: `vnf-instantiate`.
    fn kind(&self) -> &'static str;

    /// Its table.
    fn steps(&self) -> &'static [Step<C>];

    /// False for a kind whose effect cannot be taken back, such as a termination.
    fn may_roll_back(&self) -> bool {
        true
    }

    /// Decides what is to be done. May read, and may ask for a grant; touches nothing. It is asked
    /// again when a crash comes before its answer is logged, and must then name the same things:
    /// ids follow from the operation's id.
    ///
    /// # Errors
    /// A [`StepError`] refuses the operation, which then is ROLLED_BACK; a transient one does so only
    /// when asking again for a while does not help.
    async fn plan(&self, program: &Arc<C>, operation: &Operation) -> Result<Plan, StepError>;

    /// The subject as it is after what has been done: `before`, changed by the nodes that are done.
    /// Pure, so that a replay gives the same.
    ///
    /// # Errors
    /// A lasting [`StepError`] when a document cannot be read.
    fn reflect(&self, operation: &Operation, progress: &Progress) -> Result<Value, StepError>;

    /// Called before an operation enters a final state, or just after it was given up, with the
    /// subject as it is then. It may tell others, and is called again for a while when its error is
    /// transient; what goes wrong in it after that is logged and holds nothing up.
    async fn conclude(
        &self,
        program: &Arc<C>,
        operation: &Operation,
        state: OperationState,
        subject: &Value,
    ) -> Result<(), StepError> {
        let _ = (program, operation, state, subject);
        Ok(())
    }
}
