//! What happened, for subscribers: a transactional outbox.
//!
//! Whatever changes in the store appends its event in the same transaction, and only if somebody
//! has subscribed to the topic. All writers stand in one queue, so events are numbered in the
//! order of their commits: a reader that has seen a number has missed nothing before it.

mod facts;

use chrono::{DateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use uuid::Uuid;
use windlass_lcm::{Operation, StepError, StepEvent, Subject};
use windlass_model::{OperationId, OperationState};

use crate::collection::Document;
use crate::connection::Connection;
use crate::documents::{self, decode, encode, rows};
use crate::error::StoreError;
use crate::instances;
use crate::operations::{self, PlannedRow};
use crate::schema::{event, event_counter, step_event, subscription};
use crate::store::Store;
use crate::time::{from_micros, to_micros};

pub use facts::{
    CatalogChange, Happened, NsdEvent, NsdFacts, OperationMoved, PackageEvent, PackageFacts,
};

const WHAT: &str = "event";

/// What one can subscribe to: the events of one API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// VNF instances and their operations.
    VnfLcm,
    /// NS instances and their operations.
    NsLcm,
    /// VNF packages.
    VnfPkgm,
    /// NS descriptors.
    Nsd,
}

impl Topic {
    /// Every topic.
    pub const ALL: [Self; 4] = [Self::VnfLcm, Self::NsLcm, Self::VnfPkgm, Self::Nsd];

    /// Its name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VnfLcm => "vnflcm",
            Self::NsLcm => "nslcm",
            Self::VnfPkgm => "vnfpkgm",
            Self::Nsd => "nsd",
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        Self::ALL
            .into_iter()
            .find(|topic| topic.name() == text)
            .ok_or_else(|| StoreError::corrupt("topic", format!("{text:?} is no topic")))
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its number in the order of commits.
    pub sequence: i64,
    /// What one subscribes to in order to learn of it.
    pub topic: Topic,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What it was.
    pub happened: Happened,
}

/// An event that is about to be.
#[derive(Debug)]
pub(crate) struct NewEvent<'a> {
    pub topic: Topic,
    pub subject_kind: &'a str,
    pub subject: Uuid,
    pub happened: &'a Happened,
}

/// Whether anybody has subscribed to the topic. Without a subscriber nothing is written.
pub(crate) fn wanted(connection: &mut Connection, topic: Topic) -> Result<bool, StoreError> {
    let subscriptions: i64 = subscription::table
        .filter(subscription::topic.eq(topic.name()))
        .count()
        .get_result(connection)?;
    Ok(subscriptions > 0)
}

/// Adds an event, in the transaction of what it tells of.
pub(crate) fn append(
    connection: &mut Connection,
    new: &NewEvent<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sequence = latest(connection)? + 1;
    diesel::update(event_counter::table.find(1))
        .set(event_counter::last.eq(sequence))
        .execute(connection)?;
    let row = (
        event::sequence.eq(sequence),
        event::topic.eq(new.topic.name()),
        event::subject_kind.eq(new.subject_kind),
        event::subject_id.eq(new.subject.to_string()),
        event::at.eq(to_micros(now)),
        event::document.eq(encode(WHAT, new.happened)?),
    );
    diesel::insert_into(event::table).values(row).execute(connection)?;
    Ok(())
}

/// The number of the newest event there ever was.
pub(crate) fn latest(connection: &mut Connection) -> Result<i64, StoreError> {
    Ok(event_counter::table.find(1).select(event_counter::last).get_result(connection)?)
}

/// An operation that has just entered a state.
#[derive(Debug)]
pub(crate) struct Moved<'a> {
    pub operation: OperationId,
    pub subject: &'a Subject,
    pub from: Option<OperationState>,
    pub state: OperationState,
    pub error: Option<&'a StepError>,
}

impl<'a> Moved<'a> {
    pub fn of(operation: &'a Operation, from: Option<OperationState>) -> Self {
        let Operation { id, subject, state, error, .. } = operation;
        Self { operation: *id, subject, from, state: *state, error: error.as_ref() }
    }
}

/// Tells of an operation's state, which it has just entered.
pub(crate) fn operation_moved(
    connection: &mut Connection,
    moved: &Moved<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(topic) = instances::topic(moved.subject) else { return Ok(()) };
    if !wanted(connection, topic)? {
        return Ok(());
    }
    let logged: Option<i64> = step_event::table
        .filter(step_event::operation_id.eq(moved.operation.to_string()))
        .select(max(step_event::sequence))
        .get_result(connection)?;
    let happened = Happened::OperationMoved(OperationMoved {
        operation: moved.operation,
        from: moved.from,
        state: moved.state,
        error: moved.error.cloned(),
        logged: logged.unwrap_or(0),
    });
    let subject = moved.subject;
    let new =
        NewEvent { topic, subject_kind: &subject.kind, subject: subject.id, happened: &happened };
    append(connection, &new, now)
}

/// The document as it is before a change, if somebody wants to hear of the change.
pub(crate) fn before<T: Document>(
    connection: &mut Connection,
    id: Uuid,
) -> Result<Option<T>, StoreError> {
    let Some(topic) = T::TOPIC else { return Ok(None) };
    if !wanted(connection, topic)? {
        return Ok(None);
    }
    Ok(Some(documents::load::<T>(connection, id)?.document))
}

/// Tells of a document's change, if that is worth telling and somebody wants to hear of it.
pub(crate) fn changed<T: Document>(
    connection: &mut Connection,
    before: Option<&T>,
    after: Option<&T>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (Some(topic), Some(document)) = (T::TOPIC, after.or(before)) else { return Ok(()) };
    if !wanted(connection, topic)? {
        return Ok(());
    }
    let Some(happened) = T::happened(connection, before, after)? else { return Ok(()) };
    let (subject_kind, subject) = (T::TABLE.name(), document.uuid());
    append(connection, &NewEvent { topic, subject_kind, subject, happened: &happened }, now)
}

/// The events, for reading.
#[derive(Debug)]
pub struct Events<'a>(&'a Store);

impl<'a> Events<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self(store)
    }

    /// At most `limit` events of a topic that come behind the number `after`, in order.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(
        &self,
        topic: Topic,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let found: Vec<(i64, i64, String)> = self
            .0
            .read(move |connection| {
                Ok(event::table
                    .filter(event::topic.eq(topic.name()))
                    .filter(event::sequence.gt(after))
                    .order(event::sequence)
                    .limit(rows(limit))
                    .select((event::sequence, event::at, event::document))
                    .load(connection)?)
            })
            .await?;
        let event = |(sequence, at, document): (i64, i64, String)| {
            let happened = decode(WHAT, &document)?;
            Ok(Event { sequence, topic, at: from_micros(at)?, happened })
        };
        found.into_iter().map(event).collect()
    }

    /// An operation and its log as they were when it entered a state; `None` when the operation is
    /// gone. Plans and logs only grow, so what an event says of them is enough to go back.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn operation(
        &self,
        event: &Event,
        moved: &OperationMoved,
    ) -> Result<Option<(Operation, Vec<StepEvent>)>, StoreError> {
        let (id, logged) = (moved.operation, moved.logged);
        let found =
            self.0.read(move |connection| operation_with_log(connection, id, logged)).await?;
        let Some((row, lines)) = found else { return Ok(None) };
        let operation = Operation {
            state: moved.state,
            state_since: event.at,
            error: moved.error.clone(),
            cancel: None,
            ..row.try_into()?
        };
        let log = lines.iter().map(|line| decode("log line", line)).collect::<Result<_, _>>()?;
        Ok(Some((operation, log)))
    }
}

fn operation_with_log(
    connection: &mut Connection,
    id: OperationId,
    logged: i64,
) -> Result<Option<(PlannedRow, Vec<String>)>, StoreError> {
    let Some(planned) = operations::load(connection, id)? else { return Ok(None) };
    let lines = step_event::table
        .filter(step_event::operation_id.eq(&planned.row.id))
        .filter(step_event::sequence.le(logged))
        .order(step_event::sequence)
        .select(step_event::event)
        .load(connection)?;
    Ok(Some((planned, lines)))
}
