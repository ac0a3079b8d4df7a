//! A journal in memory: for simulations, and for programs that need nothing to survive.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;
use windlass_model::{CancelMode, Denied, OperationEvent, OperationId, OperationState};

use crate::error::JournalError;
use crate::journal::{Change, Journal, Lease, NewOperation, Request};
use crate::operation::{Operation, Subject};
use crate::progress::StepEvent;

/// A journal in memory, with the subjects that its operations are about.
#[derive(Debug, Default)]
pub struct MemoryJournal(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    subjects: HashMap<Subject, (Value, i64)>,
    entries: BTreeMap<OperationId, Entry>,
}

#[derive(Debug)]
struct Entry {
    operation: Operation,
    log: Vec<StepEvent>,
    worker: Option<String>,
    until: DateTime<Utc>,
    epoch: i64,
}

impl MemoryJournal {
    /// Adds a subject, or replaces it.
    pub fn put_subject(&self, subject: Subject, document: Value) {
        let mut inner = self.lock();
        let generation = inner.subjects.get(&subject).map_or(1, |(_, generation)| generation + 1);
        inner.subjects.insert(subject, (document, generation));
    }

    /// A subject's document.
    #[must_use]
    pub fn subject(&self, subject: &Subject) -> Option<Value> {
        self.lock().subjects.get(subject).map(|(document, _)| document.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn entry(&mut self, id: OperationId) -> Result<&mut Entry, JournalError> {
        self.entries.get_mut(&id).ok_or(JournalError::NoOperation(id))
    }

    fn held(&mut self, lease: &Lease) -> Result<&mut Entry, JournalError> {
        let entry = self.entry(lease.operation)?;
        let holds = entry.epoch == lease.epoch && entry.worker.as_deref() == Some(&lease.worker);
        if holds { Ok(entry) } else { Err(JournalError::LeaseLost(lease.operation)) }
    }

    fn write_subject(&mut self, subject: &Subject, document: Value) {
        if let Some((old, generation)) = self.subjects.get_mut(subject) {
            *old = document;
            *generation += 1;
        }
    }
}

impl Entry {
    fn move_on(
        &mut self,
        event: OperationEvent,
        now: DateTime<Utc>,
    ) -> Result<&mut Operation, Denied> {
        self.operation.state = self.operation.state.after(event)?;
        self.operation.state_since = now;
        if !self.operation.state.is_active() {
            self.worker = None;
            self.operation.cancel = None;
        }
        Ok(&mut self.operation)
    }
}

#[async_trait]
impl Journal for MemoryJournal {
    async fn create(
        &self,
        new: NewOperation,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        let mut inner = self.lock();
        let busy = |entry: &&Entry| {
            entry.operation.subject == new.subject && !entry.operation.state.is_final()
        };
        if let Some(entry) = inner.entries.values().find(busy) {
            return Err(JournalError::Busy { running: entry.operation.id });
        }
        let (before, generation) = inner.subjects.get(&new.subject).cloned().ok_or_else(|| {
            JournalError::NoSubject { kind: new.subject.kind.clone(), id: new.subject.id }
        })?;
        if new.generation.is_some_and(|judged| judged != generation) {
            return Err(JournalError::Stale);
        }
        let operation = Operation {
            id: new.id,
            kind: new.kind,
            subject: new.subject,
            state: OperationState::Starting,
            state_since: now,
            started_at: now,
            params: new.params,
            before,
            plan: None,
            cancel: None,
            error: None,
            automatic: new.automatic,
        };
        let entry =
            Entry { operation: operation.clone(), log: vec![], worker: None, until: now, epoch: 0 };
        inner.entries.insert(operation.id, entry);
        Ok(operation)
    }

    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, JournalError> {
        Ok(self.lock().entries.get(&id).map(|entry| entry.operation.clone()))
    }

    async fn log(&self, id: OperationId) -> Result<Vec<StepEvent>, JournalError> {
        Ok(self.lock().entry(id)?.log.clone())
    }

    async fn claim(
        &self,
        worker: &str,
        kinds: &[&str],
        held: &[OperationId],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(Lease, Operation)>, JournalError> {
        let mut inner = self.lock();
        let free = |entry: &&mut Entry| {
            let unheld = entry.worker.as_deref().is_none_or(|w| w == worker) || entry.until < now;
            unheld
                && entry.operation.state.is_active()
                && kinds.contains(&entry.operation.kind.as_str())
                && !held.contains(&entry.operation.id)
        };
        let mut entries: Vec<&mut Entry> = inner.entries.values_mut().filter(free).collect();
        entries.sort_by_key(|entry| entry.operation.started_at);
        Ok(entries
            .into_iter()
            .take(limit)
            .map(|entry| {
                entry.worker = Some(worker.to_owned());
                entry.until = until;
                entry.epoch += 1;
                let (operation, epoch) = (entry.operation.clone(), entry.epoch);
                (Lease { operation: operation.id, worker: worker.to_owned(), epoch }, operation)
            })
            .collect())
    }

    async fn renew(
        &self,
        lease: &Lease,
        until: DateTime<Utc>,
    ) -> Result<Option<CancelMode>, JournalError> {
        let mut inner = self.lock();
        let entry = inner.held(lease)?;
        entry.until = until;
        Ok(entry.operation.cancel)
    }

    async fn record(&self, lease: &Lease, events: Vec<StepEvent>) -> Result<(), JournalError> {
        self.lock().held(lease)?.log.extend(events);
        Ok(())
    }

    async fn transition(
        &self,
        lease: &Lease,
        event: OperationEvent,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<OperationState, JournalError> {
        let mut inner = self.lock();
        let operation = inner.held(lease)?.move_on(event, now)?;
        operation.error = change.error;
        if change.plan.is_some() {
            operation.plan = change.plan;
        }
        let (state, subject) = (operation.state, operation.subject.clone());
        if let Some(document) = change.subject {
            inner.write_subject(&subject, document);
        }
        Ok(state)
    }

    async fn request(
        &self,
        id: OperationId,
        request: Request,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        let event = match request {
            Request::Retry => OperationEvent::Retry,
            Request::Rollback => OperationEvent::Rollback,
        };
        let mut inner = self.lock();
        Ok(inner.entry(id)?.move_on(event, now)?.clone())
    }

    async fn give_up(
        &self,
        id: OperationId,
        subject: Value,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        let mut inner = self.lock();
        let operation = inner.entry(id)?.move_on(OperationEvent::Fail, now)?.clone();
        inner.write_subject(&operation.subject, subject);
        Ok(operation)
    }

    async fn cancel(
        &self,
        id: OperationId,
        mode: CancelMode,
        _now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        let mut inner = self.lock();
        let operation = &mut inner.entry(id)?.operation;
        if !operation.state.is_active() {
            return Err(Denied { state: operation.state, event: OperationEvent::Cancelled }.into());
        }
        if operation.cancel != Some(CancelMode::Forceful) {
            operation.cancel = Some(mode);
        }
        Ok(operation.clone())
    }
}
