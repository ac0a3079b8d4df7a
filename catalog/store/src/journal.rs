//! The journal of operations, in the database.
//!
//! Every write of a worker is fenced: in its transaction it looks whether the lease is still the
//! worker's. Everybody else's is judged on the state in its own transaction. Since all writers of a
//! database stand in one queue, nothing comes between the look and the write.

mod claim;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;
use windlass_lcm::{
    Change, Journal, JournalError, Lease, NewOperation, Operation, Request, StepError, StepEvent,
    Subject,
};
use windlass_model::{CancelMode, Denied, OperationEvent, OperationId, OperationState};

use crate::connection::{Connection, MultiBackend};
use crate::documents::{decode, encode};
use crate::error::StoreError;
use crate::events::{self, Moved};
use crate::instances;
use crate::operations::{self, OperationRow, PlannedRow, WHAT, optional};
use crate::schema::{operation, operation_plan, step_event};
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

    async fn state(&self, id: OperationId) -> Result<Option<OperationState>, JournalError> {
        let read = move |connection: &mut Connection| {
            let state: Option<String> = operation::table
                .find(id.to_string())
                .select(operation::state)
                .get_result(connection)
                .optional()?;
            state.map(|state| operations::parse(&state)).transpose()
        };
        Ok(self.read(read).await?)
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
        let taken = self.write(move |connection| claim.take(connection)).await?;
        let read = |(lease, row): (Lease, PlannedRow)| Ok((lease, row.try_into()?));
        taken.into_iter().map(read).collect()
    }

    async fn renew(
        &self,
        lease: &Lease,
        until: DateTime<Utc>,
    ) -> Result<Option<CancelMode>, JournalError> {
        let lease = lease.clone();
        let renew = move |connection: &mut Connection| {
            let standing = held(connection, &lease)?;
            diesel::update(operation::table.find(&standing.id))
                .set(operation::lease_until.eq(to_micros(until)))
                .execute(connection)?;
            optional(standing.cancel)
        };
        Ok(self.write(renew).await?)
    }

    async fn record(&self, lease: &Lease, events: Vec<StepEvent>) -> Result<(), JournalError> {
        let lines = events.iter().map(|event| encode("log line", event));
        let (lease, lines) = (lease.clone(), lines.collect::<Result<Vec<_>, _>>()?);
        Ok(self.write(move |connection| record(connection, &lease, lines)).await?)
    }

    async fn transition(
        &self,
        lease: &Lease,
        event: OperationEvent,
        change: Change,
        now: DateTime<Utc>,
    ) -> Result<OperationState, JournalError> {
        // Whatever can be done before the one writer is at it is done here.
        let written = Written::of(change)?;
        let lease = lease.clone();
        let transition =
            move |connection: &mut Connection| transition(connection, &lease, event, written, now);
        Ok(self.write(transition).await?)
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
            let (operation, from) = move_on(connection, id, event, now)?;
            events::operation_moved(connection, &Moved::of(&operation, Some(from)), now)?;
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
            let (operation, from) = move_on(connection, id, OperationEvent::Fail, now)?;
            instances::write_subject(connection, &operation.subject, subject)?;
            events::operation_moved(connection, &Moved::of(&operation, Some(from)), now)?;
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
            let mut operation: Operation = existing(connection, id)?.try_into()?;
            let state = operation.state;
            if !state.is_active() {
                return Err(denied(Denied { state, event: OperationEvent::Cancelled }));
            }
            if operation.cancel != Some(CancelMode::Forceful) {
                operation.cancel = Some(mode);
            }
            diesel::update(operation::table.find(id.to_string()))
                .set(operation::cancel.eq(encoded(operation.cancel.as_ref())?))
                .execute(connection)?;
            Ok(operation)
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
        cancel: None,
        error: None,
        automatic: new.automatic,
        worker: None,
        lease_until: since,
        epoch: 0,
    };
    diesel::insert_into(operation::table).values(row.clone()).execute(connection)?;
    let operation = PlannedRow { row, plan: None }.try_into()?;
    events::operation_moved(connection, &Moved::of(&operation, None), now)?;
    Ok(operation)
}

fn log(connection: &mut Connection, id: OperationId) -> Result<Vec<StepEvent>, StoreError> {
    let lines: Vec<String> = step_event::table
        .filter(step_event::operation_id.eq(id.to_string()))
        .order(step_event::sequence)
        .select(step_event::event)
        .load(connection)?;
    if lines.is_empty() {
        standing(connection, id)?;
    }
    lines.iter().map(|line| decode("log line", line)).collect()
}

fn record(
    connection: &mut Connection,
    lease: &Lease,
    lines: Vec<String>,
) -> Result<(), StoreError> {
    let id = held(connection, lease)?.id;
    let last: Option<i64> = step_event::table
        .filter(step_event::operation_id.eq(&id))
        .select(max(step_event::sequence))
        .get_result(connection)?;
    for (sequence, line) in (last.unwrap_or(0) + 1..).zip(lines) {
        diesel::insert_into(step_event::table)
            .values((
                step_event::operation_id.eq(&id),
                step_event::sequence.eq(sequence),
                step_event::event.eq(line),
            ))
            .execute(connection)?;
    }
    Ok(())
}

/// A change as it is written.
struct Written {
    plan: Option<String>,
    error: Option<StepError>,
    subject: Option<Value>,
}

impl Written {
    fn of(change: Change) -> Result<Self, StoreError> {
        let Change { plan, error, subject } = change;
        Ok(Self { plan: encoded(plan.as_ref())?, error, subject })
    }
}

fn transition(
    connection: &mut Connection,
    lease: &Lease,
    event: OperationEvent,
    written: Written,
    now: DateTime<Utc>,
) -> Result<OperationState, StoreError> {
    let mut standing = held(connection, lease)?;
    standing.error = encoded(written.error.as_ref())?;
    let (from, state) = step(connection, &standing, event, now)?;
    if let Some(plan) = written.plan {
        diesel::insert_into(operation_plan::table)
            .values((operation_plan::operation_id.eq(&standing.id), operation_plan::plan.eq(plan)))
            .execute(connection)?;
    }
    let subject = standing.subject()?;
    if let Some(document) = written.subject {
        instances::write_subject(connection, &subject, document)?;
    }
    let (operation, error) = (lease.operation, written.error.as_ref());
    let moved = Moved { operation, subject: &subject, from: Some(from), state, error };
    events::operation_moved(connection, &moved, now)?;
    Ok(state)
}

/// Moves an operation that nobody works on; it as it is then, and the state that it left.
fn move_on(
    connection: &mut Connection,
    id: OperationId,
    event: OperationEvent,
    now: DateTime<Utc>,
) -> Result<(Operation, OperationState), StoreError> {
    let standing = standing(connection, id)?;
    let (from, _) = step(connection, &standing, event, now)?;
    Ok((existing(connection, id)?.try_into()?, from))
}

/// The one place that changes the state of a row: from which, and to which. Who held the operation
/// holds it no longer when there is nothing left to do.
fn step(
    connection: &mut Connection,
    standing: &Standing,
    event: OperationEvent,
    now: DateTime<Utc>,
) -> Result<(OperationState, OperationState), StoreError> {
    let from: OperationState = operations::parse(&standing.state)?;
    let state = from.after(event).map_err(denied)?;
    let held = |text: &Option<String>| text.clone().filter(|_| state.is_active());
    let moved = diesel::update(operation::table.find(&standing.id))
        .filter(operation::epoch.eq(standing.epoch))
        .filter(operation::state.eq(&standing.state))
        .set((
            operation::state.eq(state.name()),
            operation::state_since.eq(to_micros(now)),
            operation::error.eq(&standing.error),
            operation::worker.eq(held(&standing.worker)),
            operation::cancel.eq(held(&standing.cancel)),
        ))
        .execute(connection)?;
    if moved == 0 {
        return Err(JournalError::Stale.into());
    }
    Ok((from, state))
}

/// What is judged before a row is written. Every writer of a database is alone with it until its
/// transaction ends, so what this says stays true for as long.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = operation, check_for_backend(MultiBackend))]
struct Standing {
    id: String,
    subject_kind: String,
    subject_id: String,
    state: String,
    cancel: Option<String>,
    error: Option<String>,
    worker: Option<String>,
    epoch: i64,
}

impl Standing {
    fn subject(&self) -> Result<Subject, StoreError> {
        Ok(Subject { kind: self.subject_kind.clone(), id: operations::parse(&self.subject_id)? })
    }
}

fn standing(connection: &mut Connection, id: OperationId) -> Result<Standing, StoreError> {
    let found = operation::table
        .find(id.to_string())
        .select(Standing::as_select())
        .get_result(connection)
        .optional()?;
    found.ok_or_else(|| JournalError::NoOperation(id).into())
}

fn held(connection: &mut Connection, lease: &Lease) -> Result<Standing, StoreError> {
    let standing = standing(connection, lease.operation)?;
    let holds = standing.epoch == lease.epoch && standing.worker.as_ref() == Some(&lease.worker);
    if holds { Ok(standing) } else { Err(JournalError::LeaseLost(lease.operation).into()) }
}

fn existing(connection: &mut Connection, id: OperationId) -> Result<PlannedRow, StoreError> {
    let row = operations::load(connection, id)?;
    row.ok_or_else(|| JournalError::NoOperation(id).into())
}

fn encoded<T: Serialize>(value: Option<&T>) -> Result<Option<String>, StoreError> {
    value.map(|value| encode(WHAT, value)).transpose()
}

fn denied(denied: Denied) -> StoreError {
    JournalError::from(denied).into()
}
