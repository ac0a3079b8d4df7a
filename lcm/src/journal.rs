//! Where operations and their logs are kept.

use std::fmt::Debug;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use windlass_model::{CancelMode, OperationEvent, OperationId, OperationState};

use crate::error::{JournalError, StepError};
use crate::operation::{Operation, Subject};
use crate::plan::Plan;
use crate::progress::StepEvent;

/// An operation that is asked for.
#[derive(Debug, Clone)]
pub struct NewOperation {
    /// Its id.
    pub id: OperationId,
    /// Its procedure.
    pub kind: String,
    /// What it is about.
    pub subject: Subject,
    /// The subject's generation when the request was judged; `None` takes it as it is now.
    pub generation: Option<i64>,
    /// What was asked.
    pub params: Value,
    /// True when an automatism asks.
    pub automatic: bool,
}

/// The right to work on an operation, until it ends or is lost. Writes are fenced by its epoch:
/// each claim raises it, and a write with an older one is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The operation.
    pub operation: OperationId,
    /// Who holds it.
    pub worker: String,
    /// How often the operation has been claimed.
    pub epoch: i64,
}

/// A change of an operation by the worker that holds it.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The plan, with [`OperationEvent::Planned`].
    pub plan: Option<Plan>,
    /// Why it stops, with Refused, Failed and Cancelled.
    pub error: Option<StepError>,
    /// The subject as it is from now on; written in the same transaction.
    pub subject: Option<Value>,
}

/// What an operator may ask of an operation that stands in FAILED_TEMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Try again.
    Retry,
    /// Undo.
    Rollback,
}

/// Where operations and their logs are kept. Every method is one transaction: what it returned
/// survives a crash that comes after.
#[async_trait]
pub trait Journal: Send + Sync + Debug {
    /// Adds an operation in STARTING, with the subject's present document as its `before`.
    ///
    /// # Errors
    /// [`JournalError::Busy`] while another operation of the subject is unfinished,
    /// [`JournalError::Stale`] when the subject's generation is another.
    async fn create(
        &self,
        new: NewOperation,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError>;

    /// An operation; `None` when there is none.
    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, JournalError>;

    /// Where an operation stands; `None` when there is none.
    async fn state(&self, id: OperationId) -> Result<Option<OperationState>, JournalError> {
        Ok(self.operation(id).await?.map(|operation| operation.state))
    }

    /// The log of an operation, oldest line first.
    async fn log(&self, id: OperationId) -> Result<Vec<StepEvent>, JournalError>;

    /// Claims active operations of the given kinds that nobody holds, whose lease has ended, or
    /// that an earlier process of the same worker held; oldest first, at most `limit`.
    async fn claim(
        &self,
        worker: &str,
        kinds: &[&str],
        held: &[OperationId],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(Lease, Operation)>, JournalError>;

    /// Keeps a lease until `until`; tells whether a cancel waits.
    ///
    /// # Errors
    /// [`JournalError::LeaseLost`].
    async fn renew(
        &self,
        lease: &Lease,
        until: DateTime<Utc>,
    ) -> Result<Option<CancelMode>, JournalError>;

    /// Appends lines to the log.
    ///
    /// # Errors
    /// [`JournalError::LeaseLost`].
    async fn record(&self, lease: &Lease, events: Vec<StepEvent>) -> Result<(), JournalError>;

    /// Moves the operation on, and tells where to. The lease ends when the new state is not active,
    /// and a cancel that waited is cleared then.
    ///
    /// # Errors
    /// [`JournalError::LeaseLost`], [`JournalError::Denied`].
    async fn transition(
        &self,
        lease: &Lease,
        event: OperationEvent,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<OperationState, JournalError>;

    /// Asks a failed operation to go on, or to go back.
    ///
    /// # Errors
    /// [`JournalError::Denied`] when it does not stand in FAILED_TEMP.
    async fn request(
        &self,
        id: OperationId,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError>;

    /// Gives a failed operation up, with the subject as it is.
    ///
    /// # Errors
    /// [`JournalError::Denied`] when it does not stand in FAILED_TEMP.
    async fn give_up(
        &self,
        id: OperationId,
        subject: Value,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError>;

    /// Asks an active operation to stop. A second request may only be firmer.
    ///
    /// # Errors
    /// [`JournalError::Denied`] when it is not active.
    async fn cancel(
        &self,
        id: OperationId,
        mode: CancelMode,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError>;
}
