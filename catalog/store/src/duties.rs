//! Duties: what only one process at a time should do.
//!
//! A duty is held for a while and renewed; when its holder is gone somebody else takes it. It keeps
//! processes out of each other's way and no more: what they write is guarded by generations and
//! unique names as everything else is.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::error::StoreError;
use crate::schema::duty;
use crate::store::Store;
use crate::time::to_micros;

/// The duties.
#[derive(Debug)]
pub struct Duties<'a>(&'a Store);

impl<'a> Duties<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self(store)
    }

    /// Takes a duty that nobody has at `now`, or goes on with it; false when somebody else has it.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn take(
        &self,
        name: &'static str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (holder, now, until) = (holder.to_owned(), to_micros(now), to_micros(until));
        self.0
            .write(move |connection| {
                let mine_or_free = duty::holder.eq(&holder).or(duty::held_until.le(now));
                let taken = diesel::update(duty::table.find(name).filter(mine_or_free))
                    .set((duty::holder.eq(&holder), duty::held_until.eq(until)))
                    .execute(connection)?;
                if taken > 0 {
                    return Ok(true);
                }
                let known: i64 = duty::table.find(name).count().get_result(connection)?;
                if known > 0 {
                    return Ok(false);
                }
                // Writes come one after the other, so nobody made the row in between.
                diesel::insert_into(duty::table)
                    .values((
                        duty::name.eq(name),
                        duty::holder.eq(&holder),
                        duty::held_until.eq(until),
                    ))
                    .execute(connection)?;
                Ok(true)
            })
            .await
    }

    /// Gives a duty up, so that the next one need not wait.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn leave(&self, name: &'static str, holder: &str) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.0
            .write(move |connection| {
                let mine = duty::table.find(name).filter(duty::holder.eq(&holder));
                diesel::delete(mine).execute(connection)?;
                Ok(())
            })
            .await
    }
}
