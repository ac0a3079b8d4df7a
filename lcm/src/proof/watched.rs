//! The journal of a process that an injection may hold up or kill at any write.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use windlass_model::{CancelMode, OperationEvent, OperationId, OperationState};

use crate::error::JournalError;
use crate::journal::{Change, Journal, Lease, NewOperation, Request};
use crate::operation::Operation;
use crate::progress::StepEvent;
use crate::proof::injection::{Injection, Moment, Verdict};

#[derive(Debug)]
pub(super) struct Watched {
    journal: Arc<dyn Journal>,
    injection: Arc<Injection>,
}

impl Watched {
    pub fn new(journal: Arc<dyn Journal>, injection: Arc<Injection>) -> Self {
        Self { journal, injection }
    }

    /// Holds everything up while the process stands still, and refuses it once it is dead.
    async fn alive(&self) -> Result<(), JournalError> {
        self.injection.awake().await;
        if self.injection.is_dead() { Err(dead()) } else { Ok(()) }
    }

    async fn write<T>(
        &self,
        write: impl Future<Output = Result<T, JournalError>>,
    ) -> Result<T, JournalError> {
        self.alive().await?;
        let n = self.injection.next_write();
        obey(self.injection.meet_write(n, Moment::Before).await)?;
        let answer = write.await;
        self.note_late(&answer);
        obey(self.injection.meet_write(n, Moment::After).await)?;
        answer
    }

    fn note_late<T>(&self, answer: &Result<T, JournalError>) {
        if !self.injection.is_late() {
            return;
        }
        let late = &self.injection.late;
        let kept = if answer.is_ok() { &late.accepted } else { &late.refused };
        kept.fetch_add(1, Ordering::SeqCst);
    }
}

fn obey(verdict: Verdict) -> Result<(), JournalError> {
    match verdict {
        Verdict::GoOn => Ok(()),
        // The store fails for once, or takes its time; a write that is done twice is done once.
        Verdict::Fail | Verdict::Again | Verdict::Die => Err(dead()),
    }
}

fn dead() -> JournalError {
    JournalError::Storage(Box::new(io::Error::other("the process is dead")))
}

#[async_trait]
impl Journal for Watched {
    async fn create(
        &self,
        new: NewOperation,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        self.write(self.journal.create(new, now)).await
    }

    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, JournalError> {
        self.alive().await?;
        self.journal.operation(id).await
    }

    async fn log(&self, id: OperationId) -> Result<Vec<StepEvent>, JournalError> {
        self.alive().await?;
        self.journal.log(id).await
    }

    /// A look that finds nothing writes nothing, so there is nothing before it that could be lost.
    async fn claim(
        &self,
        worker: &str,
        kinds: &[&str],
        held: &[OperationId],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(Lease, Operation)>, JournalError> {
        self.alive().await?;
        let claimed = self.journal.claim(worker, kinds, held, now, until, limit).await?;
        if !claimed.is_empty() {
            let n = self.injection.next_write();
            obey(self.injection.meet_write(n, Moment::Before).await)?;
            obey(self.injection.meet_write(n, Moment::After).await)?;
        }
        Ok(claimed)
    }

    /// Renewals are no news. Those of a process that stood still come last of all, so that its
    /// late writes are refused for themselves.
    async fn renew(
        &self,
        lease: &Lease,
        until: DateTime<Utc>,
    ) -> Result<Option<CancelMode>, JournalError> {
        self.alive().await?;
        if self.injection.is_late() {
            std::future::pending::<()>().await;
        }
        self.journal.renew(lease, until).await
    }

    async fn record(&self, lease: &Lease, events: Vec<StepEvent>) -> Result<(), JournalError> {
        self.write(self.journal.record(lease, events)).await
    }

    async fn transition(
        &self,
        lease: &Lease,
        event: OperationEvent,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<OperationState, JournalError> {
        self.write(self.journal.transition(lease, event, change, now)).await
    }

    async fn request(
        &self,
        id: OperationId,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        self.write(self.journal.request(id, request, now)).await
    }

    async fn give_up(
        &self,
        id: OperationId,
        subject: Value,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        self.write(self.journal.give_up(id, subject, now)).await
    }

    /// Asked by the operator, not by the worker: it does not count.
    async fn cancel(
        &self,
        id: OperationId,
        mode: CancelMode,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        self.alive().await?;
        self.journal.cancel(id, mode, now).await
    }
}
