//! Subscriptions, and how far each has been served.
//!
//! ```text
//!            made ──▶ ACTIVE ──tried too often──▶ PARKED
//!                       ▲                            │
//!                       └────────── resumed ─────────┘
//! ```
//! A subscription starts behind the newest event and moves on in order, so what it has missed is
//! always what lies between its cursor and the end. Whoever delivers holds a lease, and each of
//! its writes names the lease's epoch: two workers never move the same cursor.

mod delivery;
mod prune;

use chrono::{DateTime, Utc};
use diesel::dsl::count_star;
use diesel::prelude::*;
use serde_json::Value;
use windlass_model::SubscriptionId;

use crate::connection::Connection;
use crate::documents::{decode, encode, rows};
use crate::error::StoreError;
use crate::events::{self, Topic};
use crate::schema::{event, subscription};
use crate::store::Store;
use crate::time::{from_micros, to_micros};

pub use delivery::{Failure, SubscriptionLease};

const WHAT: &str = "subscription";

/// A subscription that is about to be.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Which events it is about.
    pub topic: Topic,
    /// Where notifications go.
    pub callback_uri: String,
    /// Which of them, and how much is to be told: whatever the API defines.
    pub document: Value,
    /// What the subscriber gave to authenticate us with. It comes and stays sealed.
    pub secret: Option<String>,
}

/// A subscription, and how far it has been served.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Which events it is about.
    pub topic: Topic,
    /// Where notifications go.
    pub callback_uri: String,
    /// Which of them, and how much is to be told.
    pub document: Value,
    /// What the subscriber gave to authenticate us with, sealed.
    pub secret: Option<String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// The last event that was delivered, or that was none of its business.
    pub cursor: i64,
    /// How often the next event has failed to arrive.
    pub attempts: u32,
    /// Why it last failed.
    pub error: Option<String>,
    /// When it is tried again.
    pub next_attempt: DateTime<Utc>,
    /// Since when nothing is tried any more; `None` while it is ACTIVE.
    pub parked_since: Option<DateTime<Utc>>,
    /// How many events were dropped before they were delivered.
    pub lost: u64,
}

/// What became of the wish for a subscription.
#[derive(Debug, Clone, PartialEq)]
pub enum Subscribed {
    /// It is made.
    Created(Box<Subscription>),
    /// There is one for the same events at the same address already.
    Known(SubscriptionId),
}

/// A subscription as it lies in its table.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = subscription, check_for_backend(crate::connection::MultiBackend))]
struct SubscriptionRow {
    id: String,
    topic: String,
    callback_uri: String,
    document: String,
    secret: Option<String>,
    created_at: i64,
    cursor: i64,
    attempts: i64,
    error: Option<String>,
    next_attempt: i64,
    parked_since: Option<i64>,
    lost: i64,
    worker: Option<String>,
    lease_until: i64,
    epoch: i64,
}

impl TryFrom<SubscriptionRow> for Subscription {
    type Error = StoreError;

    fn try_from(row: SubscriptionRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id.parse().map_err(|error: uuid::Error| StoreError::corrupt(WHAT, error))?,
            topic: Topic::parse(&row.topic)?,
            callback_uri: row.callback_uri,
            document: decode(WHAT, &row.document)?,
            secret: row.secret,
            created_at: from_micros(row.created_at)?,
            cursor: row.cursor,
            attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
            error: row.error,
            next_attempt: from_micros(row.next_attempt)?,
            parked_since: row.parked_since.map(from_micros).transpose()?,
            lost: u64::try_from(row.lost).unwrap_or(0),
        })
    }
}

/// The subscriptions.
#[derive(Debug)]
pub struct Subscriptions<'a>(&'a Store);

impl<'a> Subscriptions<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self(store)
    }

    /// Adds a subscription that will be told of everything from now on, unless there is one for
    /// the same events at the same address.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn create(&self, new: NewSubscription) -> Result<Subscribed, StoreError> {
        let now = to_micros(self.0.clock().now());
        self.0.write(move |connection| create(connection, new, now)).await
    }

    /// The subscription with this id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also when it is about another topic.
    pub async fn get(&self, topic: Topic, id: SubscriptionId) -> Result<Subscription, StoreError> {
        self.0.read(move |connection| load(connection, topic, id)).await?.try_into()
    }

    /// At most `limit` subscriptions to a topic that come behind the id `after`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(
        &self,
        topic: Topic,
        after: Option<SubscriptionId>,
        limit: usize,
    ) -> Result<Vec<Subscription>, StoreError> {
        let after = after.map_or_else(String::new, |id| id.to_string());
        let found: Vec<SubscriptionRow> = self
            .0
            .read(move |connection| {
                Ok(subscription::table
                    .filter(subscription::topic.eq(topic.name()))
                    .filter(subscription::id.gt(after))
                    .order(subscription::id)
                    .limit(rows(limit))
                    .select(SubscriptionRow::as_select())
                    .load(connection)?)
            })
            .await?;
        found.into_iter().map(Subscription::try_from).collect()
    }

    /// How many events of its topic lie before a subscription, whether or not its filter wants
    /// them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn backlog(&self, of: &Subscription) -> Result<u64, StoreError> {
        let (topic, cursor) = (of.topic, of.cursor);
        self.0
            .read(move |connection| {
                let waiting: i64 = event::table
                    .filter(event::topic.eq(topic.name()))
                    .filter(event::sequence.gt(cursor))
                    .select(count_star())
                    .first(connection)?;
                Ok(u64::try_from(waiting).unwrap_or(0))
            })
            .await
    }

    /// Ends a subscription; whoever delivers to it just now learns that with its next write.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn delete(&self, topic: Topic, id: SubscriptionId) -> Result<(), StoreError> {
        self.0
            .write(move |connection| {
                load(connection, topic, id)?;
                diesel::delete(subscription::table.find(id.to_string())).execute(connection)?;
                Ok(())
            })
            .await
    }
}

fn create(
    connection: &mut Connection,
    new: NewSubscription,
    now: i64,
) -> Result<Subscribed, StoreError> {
    let document = encode(WHAT, &new.document)?;
    let known: Option<String> = subscription::table
        .filter(subscription::topic.eq(new.topic.name()))
        .filter(subscription::callback_uri.eq(&new.callback_uri))
        .filter(subscription::document.eq(&document))
        .select(subscription::id)
        .first(connection)
        .optional()?;
    if let Some(known) = known {
        let known = known.parse().map_err(|error: uuid::Error| StoreError::corrupt(WHAT, error))?;
        return Ok(Subscribed::Known(known));
    }
    let row = SubscriptionRow {
        id: new.id.to_string(),
        topic: new.topic.name().to_owned(),
        callback_uri: new.callback_uri,
        document,
        secret: new.secret,
        created_at: now,
        cursor: events::latest(connection)?,
        attempts: 0,
        error: None,
        next_attempt: now,
        parked_since: None,
        lost: 0,
        worker: None,
        lease_until: now,
        epoch: 0,
    };
    diesel::insert_into(subscription::table)
        .values(row.clone())
        .execute(connection)
        .map_err(|error| StoreError::of_write(error, WHAT, &new.id))?;
    Ok(Subscribed::Created(Box::new(row.try_into()?)))
}

fn load(
    connection: &mut Connection,
    topic: Topic,
    id: SubscriptionId,
) -> Result<SubscriptionRow, StoreError> {
    subscription::table
        .find(id.to_string())
        .filter(subscription::topic.eq(topic.name()))
        .select(SubscriptionRow::as_select())
        .first(connection)
        .optional()?
        .ok_or_else(|| StoreError::NotFound { what: WHAT, id: id.to_string() })
}
