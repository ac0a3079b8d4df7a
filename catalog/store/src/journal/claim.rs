//! Taking operations that nobody works on.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use windlass_lcm::Lease;
use windlass_model::{OperationId, OperationState};

use crate::connection::Connection;
use crate::error::StoreError;
use crate::operations::{self, PlannedRow};
use crate::schema::operation;
use crate::time::to_micros;

/// Which operations a worker would take, and for how long.
#[derive(Debug, Clone)]
pub struct Claim {
    worker: String,
    kinds: Vec<String>,
    held: HashSet<String>,
    now: i64,
    until: i64,
    limit: usize,
}

impl Claim {
    pub fn new(
        worker: &str,
        kinds: &[&str],
        held: &[OperationId],
        now: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: usize,
    ) -> Self {
        Self {
            worker: worker.to_owned(),
            kinds: kinds.iter().map(|&kind| kind.to_owned()).collect(),
            held: held.iter().map(ToString::to_string).collect(),
            now: to_micros(now),
            until: to_micros(until),
            limit,
        }
    }

    /// What is free, oldest first: ids and epochs.
    pub fn candidates(
        &self,
        connection: &mut Connection,
    ) -> Result<Vec<(String, i64)>, StoreError> {
        let active = OperationState::ALL.into_iter().filter(|state| state.is_active());
        let unheld = operation::worker
            .is_null()
            .or(operation::worker.eq(&self.worker))
            .or(operation::lease_until.lt(self.now));
        let mut free: Vec<(String, i64)> = operation::table
            .filter(operation::state.eq_any(active.map(OperationState::name)))
            .filter(operation::kind.eq_any(&self.kinds))
            .filter(unheld)
            .order((operation::started_at, operation::id))
            .select((operation::id, operation::epoch))
            .load(connection)?;
        // What the worker holds may be thousands: too many to name them in the query.
        free.retain(|(id, _)| !self.held.contains(id));
        free.truncate(self.limit);
        Ok(free)
    }

    /// Takes what is free. Raising the epoch compares it too: of two workers that saw the same
    /// free operation one gets it.
    pub fn take(
        &self,
        connection: &mut Connection,
    ) -> Result<Vec<(Lease, PlannedRow)>, StoreError> {
        let mut taken = Vec::new();
        for (id, seen) in self.candidates(connection)? {
            let raised = diesel::update(operation::table.find(&id))
                .filter(operation::epoch.eq(seen))
                .set((
                    operation::worker.eq(&self.worker),
                    operation::lease_until.eq(self.until),
                    operation::epoch.eq(seen + 1),
                ))
                .execute(connection)?;
            let id = operations::parse(&id)?;
            if raised == 1
                && let Some(row) = operations::load(connection, id)?
            {
                let worker = self.worker.clone();
                taken.push((Lease { operation: id, worker, epoch: seen + 1 }, row));
            }
        }
        Ok(taken)
    }
}
