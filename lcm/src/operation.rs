//! An operation as the journal keeps it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;
use windlass_model::{CancelMode, OperationId, OperationState};

use crate::error::StepError;
use crate::plan::Plan;

/// What an operation is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// `vnf` or `ns`.
    pub kind: String,
    /// The instance.
    pub id: Uuid,
}

/// An operation occurrence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// Its id.
    pub id: OperationId,
    /// The procedure: `vnf-instantiate`.
    pub kind: String,
    /// What it is about.
    pub subject: Subject,
    /// Where it stands.
    pub state: OperationState,
    /// When it entered that state.
    pub state_since: DateTime<Utc>,
    /// When it was asked for.
    pub started_at: DateTime<Utc>,
    /// What was asked, as it came.
    pub params: Value,
    /// The subject as it was before; what a rollback goes back to.
    pub before: Value,
    /// What is to be done; `None` while STARTING.
    pub plan: Option<Plan>,
    /// Set while a cancel waits to take effect.
    pub cancel: Option<CancelMode>,
    /// Why it stopped last.
    pub error: Option<StepError>,
    /// True when an automatism asked for it (`isAutomaticInvocation`).
    pub automatic: bool,
}
