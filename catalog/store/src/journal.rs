//! The journal of operations, in the database.
//!
//! Every write of a worker is fenced: it names the epoch of the worker's lease in its `WHERE`.
//! Everybody else's names the state that it was judged on.

mod claim;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use serde_json::Value;
use windlass_lcm::{
    Change, Journal, JournalError, Lease, NewOperation, Operation, Request, StepEvent,
};
use windlass_model::{CancelMode, Denied, OperationEvent, OperationId, OperationState};

use crate::connection::Connection;
use crate::documents::{decode, encode};
use crate::error::StoreError;
use crate::events;
use crate::instances;
use crate::operations::{self, OperationRow, WHAT};
use crate::schema::{operation, step_event};
use crate::store::Store;
use crate::time::to_micros;

#[async_trait]
impl Journal for Store {
    async fn create(
        &self,
        new: NewOperation,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        Ok(self.write(move |connection| create(connection, new, now)).await?)
    }

    async fn operation(&self, id: OperationId) -> Result<Option<Operation>, JournalError> {
        let row = self.read(move |connection| operations::load(connection, id)).await?;
        Ok(row.map(Operation::try_from).transpose()?)
    }

    async fn log(&self, id: OperationId) -> Result<Vec<StepEvent>, JournalError> {
        Ok(self.read(move |connection| log(connection, id)).await?)
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
        let claim = claim::Claim::new(worker, kinds, held, now, until, limit);
        // Most looks find nothing, and need not queue up with the writes to see that.
        let candidates = claim.clone();
        let free = self.read(move |connection| candidates.candidates(connection)).await?;
        if free.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.write(move |connection| claim.take(connection)).await?)
    }

    async fn renew(
        &self,
        lease: &Lease,
        until: DateTime<Utc>,
    ) -> Result<Option<CancelMode>, JournalError> {
        let lease = lease.clone();
        let renew = move |connection: &mut Connection| {
            let row = held(connection, &lease)?;
            fence(connection, &lease, to_micros(until))?;
            row.cancel.map(|mode| decode(WHAT, &mode)).transpose()
        };
        Ok(self.write(renew).await?)
    }

    async fn record(&self, lease: &Lease, events: Vec<StepEvent>) -> Result<(), JournalError> {
        let lease = lease.clone();
        Ok(self.write(move |connection| record(connection, &lease, &events)).await?)
    }

    async fn transition(
        &self,
        lease: &Lease,
        event: OperationEvent,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        let lease = lease.clone();
        Ok(self.write(move |connection| transition(connection, &lease, event, change, now)).await?)
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
        let ask = move |connection: &mut Connection| {
            let mut row = existing(connection, id)?;
            let (from, judged) = (row.state()?, row.state.clone());
            move_on(&mut row, event, now)?;
            let operation = save(connection, row, &judged)?;
            events::operation_moved(connection, &operation, Some(from), now)?;
            Ok(operation)
        };
        Ok(self.write(ask).await?)
    }

    async fn give_up(
        &self,
        id: OperationId,
        subject: Value,
        now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        let give_up = move |connection: &mut Connection| {
            let mut row = existing(connection, id)?;
            let (from, judged) = (row.state()?, row.state.clone());
            move_on(&mut row, OperationEvent::Fail, now)?;
            let operation = save(connection, row, &judged)?;
            instances::write_subject(connection, &operation.subject, subject)?;
            events::operation_moved(connection, &operation, Some(from), now)?;
            Ok(operation)
        };
        Ok(self.write(give_up).await?)
    }

    async fn cancel(
        &self,
        id: OperationId,
        mode: CancelMode,
        _now: DateTime<Utc>,
    ) -> Result<Operation, JournalError> {
        let cancel = move |connection: &mut Connection| {
            let mut row = existing(connection, id)?;
            let (state, judged) = (row.state()?, row.state.clone());
            if !state.is_active() {
                return Err(denied(Denied { state, event: OperationEvent::Cancelled }));
            }
            let forceful = encode(WHAT, &CancelMode::Forceful)?;
            if row.cancel.as_ref() != Some(&forceful) {
                row.cancel = Some(encode(WHAT, &mode)?);
            }
            save(connection, row, &judged)
        };
        Ok(self.write(cancel).await?)
    }
}

fn create(
    connection: &mut Connection,
    new: NewOperation,
    now: DateTime<Utc>,
) -> Result<Operation, StoreError> {
    operations::check_idle(connection, &new.subject.kind, new.subject.id)?;
    let (before, generation) = instances::subject(connection, &new.subject)?;
    if new.generation.is_some_and(|judged| judged != generation) {
        return Err(JournalError::Stale.into());
    }
    let since = to_micros(now);
    let row = OperationRow {
        id: new.id.to_string(),
        kind: new.kind,
        subject_kind: new.subject.kind,
        subject_id: new.subject.id.to_string(),
        state: OperationState::Starting.name().to_owned(),
        state_since: since,
        started_at: since,
        params: encode(WHAT, &new.params)?,
        subject_before: encode(WHAT, &before)?,
        plan: None,
        cancel: None,
        error: None,
        automatic: new.automatic,
        worker: None,
        lease_until: since,
        epoch: 0,
    };
    diesel::insert_into(operation::table).values(row.clone()).execute(connection)?;
    let operation = row.try_into()?;
    events::operation_moved(connection, &operation, None, now)?;
    Ok(operation)
}

fn log(connection: &mut Connection, id: OperationId) -> Result<Vec<StepEvent>, StoreError> {
    existing(connection, id)?;
    let lines: Vec<String> = step_event::table
        .filter(step_event::operation_id.eq(id.to_string()))
        .order(step_event::sequence)
        .select(step_event::event)
        .load(connection)?;
    lines.iter().map(|line| decode("log line", line)).collect()
}

fn record(
    connection: &mut Connection,
    lease: &Lease,
    events: &[StepEvent],
) -> Result<(), StoreError> {
    let row = held(connection, lease)?;
    fence(connection, lease, row.lease_until)?;
    let last: Option<i64> = step_event::table
        .filter(step_event::operation_id.eq(&row.id))
        .select(max(step_event::sequence))
        .first(connection)?;
    for (sequence, event) in (last.unwrap_or(0) + 1..).zip(events) {
        diesel::insert_into(step_event::table)
            .values((
                step_event::operation_id.eq(&row.id),
                step_event::sequence.eq(sequence),
                step_event::event.eq(encode("log line", event)?),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn transition(
    connection: &mut Connection,
    lease: &Lease,
    event: OperationEvent,
    change: Change,
    now: DateTime<Utc>,
) -> Result<Operation, StoreError> {
    let mut row = held(connection, lease)?;
    let (from, judged) = (row.state()?, row.state.clone());
    move_on(&mut row, event, now)?;
    row.error = change.error.map(|error| encode(WHAT, &error)).transpose()?;
    if let Some(plan) = change.plan {
        row.plan = Some(encode(WHAT, &plan)?);
    }
    let operation = save(connection, row, &judged)?;
    if let Some(document) = change.subject {
        instances::write_subject(connection, &operation.subject, document)?;
    }
    events::operation_moved(connection, &operation, Some(from), now)?;
    Ok(operation)
}

/// The one place that changes the state of a row. Who held the operation holds it no longer when
/// there is nothing left to do.
fn move_on(
    row: &mut OperationRow,
    event: OperationEvent,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let state = row.state()?.after(event).map_err(denied)?;
    row.state = state.name().to_owned();
    row.state_since = to_micros(now);
    if !state.is_active() {
        row.worker = None;
        row.cancel = None;
    }
    Ok(())
}

/// Writes what may change of a row, if it still has the epoch and the state that it was judged on.
fn save(
    connection: &mut Connection,
    row: OperationRow,
    judged: &str,
) -> Result<Operation, StoreError> {
    let saved = diesel::update(operation::table.find(&row.id))
        .filter(operation::epoch.eq(row.epoch))
        .filter(operation::state.eq(judged))
        .set((
            operation::state.eq(&row.state),
            operation::state_since.eq(row.state_since),
            operation::plan.eq(&row.plan),
            operation::cancel.eq(&row.cancel),
            operation::error.eq(&row.error),
            operation::worker.eq(&row.worker),
        ))
        .execute(connection)?;
    if saved == 0 {
        return Err(JournalError::Stale.into());
    }
    row.try_into()
}

fn existing(connection: &mut Connection, id: OperationId) -> Result<OperationRow, StoreError> {
    let row = operations::load(connection, id)?;
    row.ok_or_else(|| JournalError::NoOperation(id).into())
}

fn held(connection: &mut Connection, lease: &Lease) -> Result<OperationRow, StoreError> {
    let row = existing(connection, lease.operation)?;
    let holds = row.epoch == lease.epoch && row.worker.as_ref() == Some(&lease.worker);
    if holds { Ok(row) } else { Err(JournalError::LeaseLost(lease.operation).into()) }
}

/// Keeps the lease until `until`, and everybody else off the operation for this transaction.
fn fence(connection: &mut Connection, lease: &Lease, until: i64) -> Result<(), StoreError> {
    let kept = diesel::update(operation::table.find(lease.operation.to_string()))
        .filter(operation::epoch.eq(lease.epoch))
        .filter(operation::worker.eq(&lease.worker))
        .set(operation::lease_until.eq(until))
        .execute(connection)?;
    if kept == 0 { Err(JournalError::LeaseLost(lease.operation).into()) } else { Ok(()) }
}

fn denied(denied: Denied) -> StoreError {
    JournalError::from(denied).into()
}
