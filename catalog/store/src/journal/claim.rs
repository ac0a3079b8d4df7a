//! Taking operations that nobody works on.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use windlass_lcm::{Lease, Operation};
use windlass_model::{OperationId, OperationState};

use crate::connection::Connection;
use crate::documents::rows;
use crate::error::StoreError;
use crate::operations::OperationRow;
use crate::schema::operation;
use crate::time::to_micros;

/// Which operations a worker would take, and for how long.
#[derive(Debug, Clone)]
pub struct Claim {
    worker: String,
    kinds: Vec<String>,
    held: Vec<String>,
    now: i64,
    until: i64,
    limit: i64,
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
            limit: rows(limit),
        }
    }

    /// What is free, oldest first.
    pub fn candidates(&self, connection: &mut Connection) -> Result<Vec<OperationRow>, StoreError> {
        let active = OperationState::ALL.into_iter().filter(|state| state.is_active());
        let unheld = operation::worker
            .is_null()
            .or(operation::worker.eq(&self.worker))
            .or(operation::lease_until.lt(self.now));
        Ok(operation::table
            .filter(operation::state.eq_any(active.map(OperationState::name)))
            .filter(operation::kind.eq_any(&self.kinds))
            .filter(operation::id.ne_all(&self.held))
            .filter(unheld)
            .order((operation::started_at, operation::id))
            .limit(self.limit)
            .select(OperationRow::as_select())
            .load(connection)?)
    }

    /// Takes what is free. Raising the epoch compares it too: of two workers that saw the same
    /// free operation one gets it.
    pub fn take(&self, connection: &mut Connection) -> Result<Vec<(Lease, Operation)>, StoreError> {
        let mut taken = Vec::new();
        for row in self.candidates(connection)? {
            let epoch = row.epoch + 1;
            let raised = diesel::update(operation::table.find(&row.id))
                .filter(operation::epoch.eq(row.epoch))
                .set((
                    operation::worker.eq(&self.worker),
                    operation::lease_until.eq(self.until),
                    operation::epoch.eq(epoch),
                ))
                .execute(connection)?;
            if raised == 1 {
                let operation = Operation::try_from(row)?;
                let lease = Lease { operation: operation.id, worker: self.worker.clone(), epoch };
                taken.push((lease, operation));
            }
        }
        Ok(taken)
    }
}
