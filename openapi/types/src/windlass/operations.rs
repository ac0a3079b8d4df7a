//! The steps of an operation: what every progress bar is drawn from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::common::{Identifier, ProblemDetails};
use crate::wire::wire_enum;

/// How far an operation has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationProgress {
    /// The operation occurrence.
    pub operation_id: Identifier,
    /// The occurrence's `operationState`.
    pub state: String,
    /// In the order of the plan.
    #[serde(default)]
    pub steps: Vec<OperationStep>,
    /// Steps that need no more work.
    pub done: u32,
    pub total: u32,
}

/// One step of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationStep {
    pub id: Identifier,
    /// What it does, such as `create_vnfc`.
    pub name: String,
    /// What it does it to, in words for people.
    pub subject: String,
    pub state: StepState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// How often it was begun.
    pub attempt: u32,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ProblemDetails>,
}

wire_enum! {
    /// The states of a step.
    pub enum StepState {
        /// It waits for its turn.
        Pending = "PENDING",
        /// It is at work.
        Running = "RUNNING",
        /// Its effect is there.
        Done = "DONE",
        /// It gave up.
        Failed = "FAILED",
        /// Its effect is being removed.
        Undoing = "UNDOING",
        /// Its effect is gone.
        Undone = "UNDONE",
        /// There was nothing to do.
        Skipped = "SKIPPED",
    }
}
