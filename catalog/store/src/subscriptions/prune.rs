//! Forgetting events: those that everybody has seen, and those that are kept for too long.

use chrono::{DateTime, Utc};
use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;

use super::Subscriptions;
use crate::connection::Connection;
use crate::documents::rows;
use crate::error::StoreError;
use crate::events::Topic;
use crate::schema::{event, subscription};
use crate::time::to_micros;

impl Subscriptions<'_> {
    /// Forgets the events of these topics that no subscription needs any more, those from before
    /// `oldest`, and of the rest all but the newest `most` of each topic. A subscription that had
    /// not come so far moves on, and counts what it lost.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn prune(
        &self,
        topics: &[Topic],
        oldest: DateTime<Utc>,
        most: usize,
    ) -> Result<(), StoreError> {
        let topics = topics.to_vec();
        let kept = topics.clone();
        let any = self.0.read(move |connection| any_event(connection, &kept)).await?;
        if !any {
            return Ok(());
        }
        let (oldest, most) = (to_micros(oldest), rows(most));
        self.0
            .write(move |connection| {
                for topic in topics {
                    forget_seen(connection, topic)?;
                    if let Some(last) = overdue(connection, topic, oldest, most)? {
                        move_on(connection, topic, last)?;
                        forget(connection, topic, last)?;
                    }
                }
                Ok(())
            })
            .await
    }
}

fn any_event(connection: &mut Connection, topics: &[Topic]) -> Result<bool, StoreError> {
    let any: Option<i64> = event::table
        .filter(event::topic.eq_any(topics.iter().map(|topic| topic.name())))
        .select(event::sequence)
        .first(connection)
        .optional()?;
    Ok(any.is_some())
}

/// What every subscription has behind it is of no more use; without subscriptions, nothing is.
fn forget_seen(connection: &mut Connection, topic: Topic) -> Result<(), StoreError> {
    let seen_by_all: Option<i64> = subscription::table
        .filter(subscription::topic.eq(topic.name()))
        .select(min(subscription::cursor))
        .first(connection)?;
    forget(connection, topic, seen_by_all.unwrap_or(i64::MAX))
}

/// The newest event that is too old, or one too many.
fn overdue(
    connection: &mut Connection,
    topic: Topic,
    oldest: i64,
    most: i64,
) -> Result<Option<i64>, StoreError> {
    let too_old: Option<i64> = event::table
        .filter(event::topic.eq(topic.name()))
        .filter(event::at.lt(oldest))
        .select(max(event::sequence))
        .first(connection)?;
    let too_many: Option<i64> = event::table
        .filter(event::topic.eq(topic.name()))
        .order(event::sequence.desc())
        .offset(most)
        .limit(1)
        .select(event::sequence)
        .first(connection)
        .optional()?;
    Ok(too_old.max(too_many))
}

/// Moves the subscriptions that have not seen the event `last` behind it. Who delivers to one
/// just now loses it, for it would set the cursor back.
fn move_on(connection: &mut Connection, topic: Topic, last: i64) -> Result<(), StoreError> {
    let behind: Vec<(String, i64, i64, i64)> = subscription::table
        .filter(subscription::topic.eq(topic.name()))
        .filter(subscription::cursor.lt(last))
        .select((subscription::id, subscription::cursor, subscription::lost, subscription::epoch))
        .load(connection)?;
    for (id, cursor, lost, epoch) in behind {
        let missed: i64 = event::table
            .filter(event::topic.eq(topic.name()))
            .filter(event::sequence.gt(cursor))
            .filter(event::sequence.le(last))
            .select(count_star())
            .first(connection)?;
        diesel::update(subscription::table.find(id))
            .set((
                subscription::cursor.eq(last),
                subscription::lost.eq(lost + missed),
                subscription::worker.eq(None::<String>),
                subscription::epoch.eq(epoch + 1),
            ))
            .execute(connection)?;
    }
    Ok(())
}

fn forget(connection: &mut Connection, topic: Topic, last: i64) -> Result<(), StoreError> {
    diesel::delete(event::table)
        .filter(event::topic.eq(topic.name()))
        .filter(event::sequence.le(last))
        .execute(connection)?;
    Ok(())
}
