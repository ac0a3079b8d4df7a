//! Operations as rows, and reading them.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;
use windlass_lcm::{Operation, StepError, Subject};
use windlass_model::{OperationId, OperationState};

use crate::connection::{Connection, MultiBackend};
use crate::documents::{decode, rows};
use crate::error::StoreError;
use crate::schema::{operation, operation_plan};
use crate::store::Store;
use crate::time::{from_micros, to_micros};

pub const WHAT: &str = "operation";

/// An operation as it lies in its table.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = operation, check_for_backend(MultiBackend))]
pub struct OperationRow {
    pub id: String,
    pub kind: String,
    pub subject_kind: String,
    pub subject_id: String,
    pub state: String,
    pub state_since: i64,
    pub started_at: i64,
    pub params: String,
    pub subject_before: String,
    pub cancel: Option<String>,
    pub error: Option<String>,
    pub automatic: bool,
    pub worker: Option<String>,
    pub lease_until: i64,
    pub epoch: i64,
}

impl OperationRow {
    pub fn state(&self) -> Result<OperationState, StoreError> {
        parse(&self.state)
    }
}

/// An operation with its plan, which lies in a table of its own: it is written once, the operation
/// again and again.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = operation, check_for_backend(MultiBackend))]
pub struct PlannedRow {
    #[diesel(embed)]
    pub row: OperationRow,
    #[diesel(select_expression = operation_plan::plan.nullable())]
    pub plan: Option<String>,
}

impl TryFrom<PlannedRow> for Operation {
    type Error = StoreError;

    fn try_from(planned: PlannedRow) -> Result<Self, StoreError> {
        let PlannedRow { row, plan } = planned;
        Ok(Self {
            id: parse(&row.id)?,
            state: row.state()?,
            kind: row.kind,
            subject: Subject { kind: row.subject_kind, id: parse(&row.subject_id)? },
            state_since: from_micros(row.state_since)?,
            started_at: from_micros(row.started_at)?,
            params: decode(WHAT, &row.params)?,
            before: decode(WHAT, &row.subject_before)?,
            plan: optional(plan)?,
            cancel: optional(row.cancel)?,
            error: optional(row.error)?,
            automatic: row.automatic,
        })
    }
}

pub fn parse<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|error: T::Err| StoreError::corrupt(WHAT, error))
}

pub fn optional<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, StoreError> {
    text.map(|text| decode(WHAT, &text)).transpose()
}

pub fn load(
    connection: &mut Connection,
    id: OperationId,
) -> Result<Option<PlannedRow>, StoreError> {
    Ok(operation::table
        .left_join(operation_plan::table)
        .filter(operation::id.eq(id.to_string()))
        .select(PlannedRow::as_select())
        .get_result(connection)
        .optional()?)
}

/// Refuses while an operation of the instance is unfinished.
pub fn check_idle(
    connection: &mut Connection,
    subject_kind: &str,
    subject: Uuid,
) -> Result<(), StoreError> {
    let finished = OperationState::ALL.into_iter().filter(|state| state.is_final());
    let running: Option<String> = operation::table
        .filter(operation::subject_id.eq(subject.to_string()))
        .filter(operation::subject_kind.eq(subject_kind))
        .filter(operation::state.ne_all(finished.map(OperationState::name)))
        .select(operation::id)
        .get_result(connection)
        .optional()?;
    match running {
        Some(id) => Err(StoreError::Busy { running: parse(&id)? }),
        None => Ok(()),
    }
}

/// What an operation is that stands in the way of the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// Its id.
    pub id: OperationId,
    /// The procedure.
    pub kind: String,
    /// Where it stands.
    pub state: OperationState,
    /// Whether nobody asked for it.
    pub automatic: bool,
}

/// How an operation went, without what it was going to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Occurrence {
    /// Its id.
    pub id: OperationId,
    /// The procedure.
    pub kind: String,
    /// Where it stands.
    pub state: OperationState,
    /// When it was asked for.
    pub started_at: DateTime<Utc>,
    /// What was asked.
    pub params: Value,
    /// Why it stopped last.
    pub error: Option<StepError>,
    /// Whether nobody asked for it.
    pub automatic: bool,
}

/// The columns of an [`Occurrence`].
type OccurrenceRow = (String, String, String, i64, String, Option<String>, bool);

impl Occurrence {
    fn of(row: OccurrenceRow) -> Result<Self, StoreError> {
        let (id, kind, state, started_at, params, error, automatic) = row;
        Ok(Self {
            id: parse(&id)?,
            kind,
            state: parse(&state)?,
            started_at: from_micros(started_at)?,
            params: decode(WHAT, &params)?,
            error: optional(error)?,
            automatic,
        })
    }
}

/// The operations about one instance, the newest first.
fn of_instance(subject: &Subject) -> operation::BoxedQuery<'static, MultiBackend> {
    operation::table
        .filter(operation::subject_id.eq(subject.id.to_string()))
        .filter(operation::subject_kind.eq(subject.kind.clone()))
        .order((operation::started_at.desc(), operation::id.desc()))
        .into_boxed()
}

fn occurrences(
    connection: &mut Connection,
    query: operation::BoxedQuery<'static, MultiBackend>,
) -> Result<Vec<OccurrenceRow>, StoreError> {
    let columns = (
        operation::id,
        operation::kind,
        operation::state,
        operation::started_at,
        operation::params,
        operation::error,
        operation::automatic,
    );
    Ok(query.select(columns).load(connection)?)
}

/// The operations, for reading.
#[derive(Debug)]
pub struct Operations<'a>(&'a Store);

impl<'a> Operations<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self(store)
    }

    pub(crate) fn store(&self) -> &Store {
        self.0
    }

    /// The operation with this id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn get(&self, id: OperationId) -> Result<Operation, StoreError> {
        let row = self.0.read(move |connection| load(connection, id)).await?;
        row.ok_or_else(|| StoreError::NotFound { what: WHAT, id: id.to_string() })?.try_into()
    }

    /// At most `limit` operations about subjects of this kind, newest first, that come behind
    /// `after`: when the last one seen was started, and its id.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(
        &self,
        subject_kind: &str,
        after: Option<(DateTime<Utc>, OperationId)>,
        limit: usize,
    ) -> Result<Vec<Operation>, StoreError> {
        let of_kind = operation::subject_kind.eq(subject_kind.to_owned());
        self.page(operation::table.filter(of_kind).into_boxed(), after, limit).await
    }

    /// The operations about subjects of this kind that are not finished, by their subjects.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn unfinished(
        &self,
        subject_kind: &'static str,
    ) -> Result<BTreeMap<Uuid, Unfinished>, StoreError> {
        let states = OperationState::ALL.into_iter().filter(|state| !state.is_final());
        let states: Vec<&str> = states.map(OperationState::name).collect();
        let rows: Vec<(String, String, String, String, bool)> = self
            .0
            .read(move |connection| {
                Ok(operation::table
                    .filter(operation::state.eq_any(states))
                    .filter(operation::subject_kind.eq(subject_kind))
                    .select((
                        operation::subject_id,
                        operation::id,
                        operation::kind,
                        operation::state,
                        operation::automatic,
                    ))
                    .load(connection)?)
            })
            .await?;
        rows.into_iter()
            .map(|(subject, id, kind, state, automatic)| {
                let (id, state) = (parse(&id)?, parse(&state)?);
                Ok((parse(&subject)?, Unfinished { id, kind, state, automatic }))
            })
            .collect()
    }

    /// How the newest operations about one instance went, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn newest(
        &self,
        subject: &Subject,
        limit: usize,
    ) -> Result<Vec<Occurrence>, StoreError> {
        let query = of_instance(subject).limit(rows(limit));
        let found = self.0.read(move |connection| occurrences(connection, query)).await?;
        found.into_iter().map(Occurrence::of).collect()
    }

    /// How the operations about one instance went that nobody asked for, from `since` on, the
    /// newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn automatic(
        &self,
        subject: &Subject,
        since: DateTime<Utc>,
    ) -> Result<Vec<Occurrence>, StoreError> {
        let query = of_instance(subject)
            .filter(operation::automatic.eq(true))
            .filter(operation::started_at.ge(to_micros(since)));
        let found = self.0.read(move |connection| occurrences(connection, query)).await?;
        found.into_iter().map(Occurrence::of).collect()
    }

    /// At most `limit` operations about one instance, newest first, that come behind `after`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn of_subject(
        &self,
        subject: &Subject,
        after: Option<(DateTime<Utc>, OperationId)>,
        limit: usize,
    ) -> Result<Vec<Operation>, StoreError> {
        let mine = operation::subject_id
            .eq(subject.id.to_string())
            .and(operation::subject_kind.eq(subject.kind.clone()));
        self.page(operation::table.filter(mine).into_boxed(), after, limit).await
    }

    async fn page(
        &self,
        mut query: operation::BoxedQuery<'static, MultiBackend>,
        after: Option<(DateTime<Utc>, OperationId)>,
        limit: usize,
    ) -> Result<Vec<Operation>, StoreError> {
        let read = move |connection: &mut Connection| {
            if let Some((started_at, id)) = after {
                let (started_at, id) = (to_micros(started_at), id.to_string());
                let behind = operation::started_at
                    .lt(started_at)
                    .or(operation::started_at.eq(started_at).and(operation::id.lt(id)));
                query = query.filter(behind);
            }
            Ok(query
                .left_join(operation_plan::table)
                .order((operation::started_at.desc(), operation::id.desc()))
                .limit(rows(limit))
                .select(PlannedRow::as_select())
                .load(connection)?)
        };
        let found: Vec<PlannedRow> = self.0.read(read).await?;
        found.into_iter().map(Operation::try_from).collect()
    }
}
