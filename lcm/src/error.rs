//! What can go wrong with an operation.

use serde::{Deserialize, Serialize};
use windlass_model::{Denied, OperationId};

/// Why a step, or a plan, failed; kept in the log and shown to the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct StepError {
    /// The HTTP status that describes it best in a ProblemDetails.
    pub status: u16,
    /// What went wrong and what to do, for people.
    pub detail: String,
    /// True when trying again at once may help.
    #[serde(default)]
    pub transient: bool,
}

impl StepError {
    /// An error that trying again will not mend.
    #[must_use]
    pub fn lasting(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), transient: false }
    }

    /// An error that may go away by itself.
    #[must_use]
    pub fn transient(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), transient: true }
    }

    /// True when trying again at once may help.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.transient
    }

    /// An error with its whole chain of causes in the detail.
    #[must_use]
    pub fn from_chain(status: u16, error: &(dyn std::error::Error + 'static)) -> Self {
        let mut detail = error.to_string();
        let mut cause = error.source();
        while let Some(source) = cause {
            detail.push_str(": ");
            detail.push_str(&source.to_string());
            cause = source.source();
        }
        Self::lasting(status, detail)
    }
}

/// Why a plan is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Two nodes share an id.
    #[error("two nodes are called {0:?}")]
    Twice(String),
    /// A node waits for one that is not there.
    #[error("node {node:?} waits for {after:?}, which is not in the plan")]
    Dangling {
        /// Who waits.
        node: String,
        /// For whom.
        after: String,
    },
    /// Nodes wait for each other in a ring.
    #[error("node {0:?} waits, through others, for itself")]
    Ring(String),
    /// A node names a step that the procedure does not have.
    #[error("node {node:?} wants the step {step:?}, which the table does not have")]
    NoStep {
        /// The node.
        node: String,
        /// The step.
        step: String,
    },
}

/// Why the journal refused.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// There is no such operation.
    #[error("there is no operation {0}")]
    NoOperation(OperationId),
    /// There is no such subject.
    #[error("there is no {kind} {id}")]
    NoSubject {
        /// What kind.
        kind: String,
        /// Which.
        id: uuid::Uuid,
    },
    /// Another operation of the subject is not finished (SOL003 clause 5.4.1: 409).
    #[error(
        "operation {running} of this instance is not finished; wait for it, or see `windlass op`"
    )]
    Busy {
        /// The operation that runs.
        running: OperationId,
    },
    /// The operation's state does not allow it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The subject changed since it was read.
    #[error("the instance was changed by somebody else meanwhile; read it again")]
    Stale,
    /// The lease went to another worker: whoever reads this must stop.
    #[error("the lease of operation {0} was lost")]
    LeaseLost(OperationId),
    /// The storage itself failed.
    #[error("the store failed")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
}
