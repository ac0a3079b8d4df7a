//! Serving subscriptions: taking one, moving it on, putting it off, parking it, waking it.

use chrono::{DateTime, Utc};
use diesel::dsl::{max, min};
use diesel::prelude::*;
use windlass_model::SubscriptionId;

use super::{Subscription, SubscriptionRow, Subscriptions, WHAT, load};
use crate::connection::Connection;
use crate::documents::rows;
use crate::error::StoreError;
use crate::events::Topic;
use crate::schema::{event, subscription};
use crate::time::to_micros;

/// The right to deliver to a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionLease {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// Who has it.
    pub worker: String,
    /// How often the subscription has been taken.
    pub epoch: i64,
}

/// A notification did not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How often it has failed now.
    pub attempts: u32,
    /// Why.
    pub error: String,
    /// When it is tried again; `None` parks the subscription.
    pub next_attempt: Option<DateTime<Utc>>,
}

impl Subscriptions<'_> {
    /// Takes at most `limit` subscriptions that have something before them, are due, and are held
    /// by nobody else; `held` are those that the worker serves already.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn claim(
        &self,
        worker: &str,
        topics: &[Topic],
        held: &[SubscriptionId],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<(SubscriptionLease, Subscription)>, StoreError> {
        let claim = Claim {
            worker: worker.to_owned(),
            topics: topics.to_vec(),
            held: held.iter().map(ToString::to_string).collect(),
            now: to_micros(now),
            until: to_micros(until),
            limit: rows(limit),
        };
        // Most looks find nothing, and need not queue up with the writes to see that.
        let candidates = claim.clone();
        let due = self.0.read(move |connection| candidates.candidates(connection)).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.0.write(move |connection| claim.take(connection)).await
    }

    /// Moves a subscription on behind the event `cursor`: it has arrived, or was none of its
    /// business. The lease is kept until `until`.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the lease is lost or the subscription gone.
    pub async fn advance(
        &self,
        lease: &SubscriptionLease,
        cursor: i64,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (lease, until) = (lease.clone(), to_micros(until));
        self.0
            .write(move |connection| {
                let moved =
                    diesel::update(subscription::table.find(lease.subscription.to_string()))
                        .filter(subscription::epoch.eq(lease.epoch))
                        .filter(subscription::worker.eq(&lease.worker))
                        .set((
                            subscription::cursor.eq(cursor),
                            subscription::attempts.eq(0),
                            subscription::error.eq(None::<String>),
                            subscription::lease_until.eq(until),
                        ))
                        .execute(connection)?;
                fenced(moved)
            })
            .await
    }

    /// Gives a subscription back until its next attempt is due, or parks it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the lease is lost or the subscription gone.
    pub async fn put_off(
        &self,
        lease: &SubscriptionLease,
        failure: Failure,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (lease, now) = (lease.clone(), to_micros(now));
        let parked_since = if failure.next_attempt.is_none() { Some(now) } else { None };
        let next_attempt = failure.next_attempt.map_or(now, to_micros);
        self.0
            .write(move |connection| {
                let put_off =
                    diesel::update(subscription::table.find(lease.subscription.to_string()))
                        .filter(subscription::epoch.eq(lease.epoch))
                        .filter(subscription::worker.eq(&lease.worker))
                        .set((
                            subscription::attempts.eq(i64::from(failure.attempts)),
                            subscription::error.eq(Some(failure.error)),
                            subscription::next_attempt.eq(next_attempt),
                            subscription::parked_since.eq(parked_since),
                            subscription::worker.eq(None::<String>),
                        ))
                        .execute(connection)?;
                fenced(put_off)
            })
            .await
    }

    /// Moves a subscription on behind the next event after `after`, which nobody can read, and
    /// counts it as lost; gives where that is. The lease is kept until `until`.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the lease is lost or the subscription gone.
    pub async fn lose_next(
        &self,
        lease: &SubscriptionLease,
        topic: Topic,
        after: i64,
        until: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let (lease, until) = (lease.clone(), to_micros(until));
        self.0
            .write(move |connection| {
                let next: Option<i64> = event::table
                    .filter(event::topic.eq(topic.name()))
                    .filter(event::sequence.gt(after))
                    .select(min(event::sequence))
                    .first(connection)?;
                let lost: Option<i64> = subscription::table
                    .find(lease.subscription.to_string())
                    .select(subscription::lost)
                    .first(connection)
                    .optional()?;
                let lost = lost.ok_or(StoreError::Stale { what: WHAT })?;
                let cursor = next.unwrap_or(after);
                let moved =
                    diesel::update(subscription::table.find(lease.subscription.to_string()))
                        .filter(subscription::epoch.eq(lease.epoch))
                        .filter(subscription::worker.eq(&lease.worker))
                        .set((
                            subscription::cursor.eq(cursor),
                            subscription::lost.eq(lost + i64::from(next.is_some())),
                            subscription::lease_until.eq(until),
                        ))
                        .execute(connection)?;
                fenced(moved).map(|()| cursor)
            })
            .await
    }

    /// Gives a subscription back until `next_attempt`, with nothing held against it. Among those
    /// that are due whoever was given back first is taken first.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when the lease is lost or the subscription gone.
    pub async fn release(
        &self,
        lease: &SubscriptionLease,
        next_attempt: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (lease, next_attempt) = (lease.clone(), to_micros(next_attempt));
        self.0
            .write(move |connection| {
                let released =
                    diesel::update(subscription::table.find(lease.subscription.to_string()))
                        .filter(subscription::epoch.eq(lease.epoch))
                        .filter(subscription::worker.eq(&lease.worker))
                        .set((
                            subscription::next_attempt.eq(next_attempt),
                            subscription::worker.eq(None::<String>),
                        ))
                        .execute(connection)?;
                fenced(released)
            })
            .await
    }

    /// Tries a subscription again at once, parked or not, from where it stopped. Who is trying just
    /// now loses it, so that its failure does not park it again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn resume(
        &self,
        topic: Topic,
        id: SubscriptionId,
    ) -> Result<Subscription, StoreError> {
        let now = to_micros(self.0.clock().now());
        self.0
            .write(move |connection| {
                let epoch = load(connection, topic, id)?.epoch + 1;
                // Why it stopped stays to be seen until something arrives.
                diesel::update(subscription::table.find(id.to_string()))
                    .set((
                        subscription::attempts.eq(0),
                        subscription::next_attempt.eq(now),
                        subscription::parked_since.eq(None::<i64>),
                        subscription::worker.eq(None::<String>),
                        subscription::epoch.eq(epoch),
                    ))
                    .execute(connection)?;
                load(connection, topic, id)?.try_into()
            })
            .await
    }
}

fn fenced(changed: usize) -> Result<(), StoreError> {
    if changed == 0 { Err(StoreError::Stale { what: WHAT }) } else { Ok(()) }
}

/// Which subscriptions a worker would take, and for how long.
#[derive(Debug, Clone)]
struct Claim {
    worker: String,
    topics: Vec<Topic>,
    held: Vec<String>,
    now: i64,
    until: i64,
    limit: i64,
}

impl Claim {
    /// What is due, longest waiting first.
    fn candidates(&self, connection: &mut Connection) -> Result<Vec<SubscriptionRow>, StoreError> {
        let mut due = Vec::new();
        for topic in &self.topics {
            let newest: Option<i64> = event::table
                .filter(event::topic.eq(topic.name()))
                .select(max(event::sequence))
                .first(connection)?;
            let Some(newest) = newest else { continue };
            let unheld = subscription::worker
                .is_null()
                .or(subscription::worker.eq(&self.worker))
                .or(subscription::lease_until.lt(self.now));
            let found: Vec<SubscriptionRow> = subscription::table
                .filter(subscription::topic.eq(topic.name()))
                .filter(subscription::cursor.lt(newest))
                .filter(subscription::parked_since.is_null())
                .filter(subscription::next_attempt.le(self.now))
                .filter(subscription::id.ne_all(&self.held))
                .filter(unheld)
                .order((subscription::next_attempt, subscription::id))
                .limit(self.limit)
                .select(SubscriptionRow::as_select())
                .load(connection)?;
            due.extend(found);
        }
        due.sort_by_key(|one| one.next_attempt);
        due.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        Ok(due)
    }

    /// Takes what is due. Raising the epoch compares it too: of two workers that saw the same
    /// subscription one gets it.
    fn take(
        &self,
        connection: &mut Connection,
    ) -> Result<Vec<(SubscriptionLease, Subscription)>, StoreError> {
        let mut taken = Vec::new();
        for row in self.candidates(connection)? {
            let epoch = row.epoch + 1;
            let raised = diesel::update(subscription::table.find(&row.id))
                .filter(subscription::epoch.eq(row.epoch))
                .set((
                    subscription::worker.eq(&self.worker),
                    subscription::lease_until.eq(self.until),
                    subscription::epoch.eq(epoch),
                ))
                .execute(connection)?;
            if raised == 1 {
                let subscription = Subscription::try_from(row)?;
                let worker = self.worker.clone();
                let lease = SubscriptionLease { subscription: subscription.id, worker, epoch };
                taken.push((lease, subscription));
            }
        }
        Ok(taken)
    }
}
