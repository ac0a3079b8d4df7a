//! A round over all VNFs: what no event told, and alarms that have been over for long.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use windlass_model::VnfInstanceId;
use windlass_model::vnf::{InstantiatedVnf, VnfInstance};
use windlass_store::{StoreError, Stored};

use super::compare::compare;
use super::index::Index;
use super::judge::{Judgement, judge};
use super::{BUSY, Watch};

/// VNFs, or alarms, that are read at once.
const CHUNK: usize = 200;
/// How long a cleared alarm is kept.
const KEPT: TimeDelta = TimeDelta::days(30);

impl<C: Send + Sync + 'static> Watch<C> {
    /// Goes over all VNFs: whatever is not as its alarms say is looked at closely.
    pub(super) async fn round(&mut self) -> Result<(), StoreError> {
        let active = self.store.alarms().active().await?;
        let unfinished = self.store.operations().unfinished("vnf").await?;
        let now = self.clock.now();
        // These may be about VNFs that are no more, or wait for the next attempt to heal.
        for stored in &active {
            self.look_at(stored.document.vnf, Duration::ZERO);
        }
        for vnf in unfinished.keys() {
            self.look_at(VnfInstanceId(*vnf), BUSY);
        }
        let mut index = Index::default();
        let mut after = None;
        loop {
            let chunk = self.store.vnf_instances().list(after, CHUNK).await?;
            let Some(last) = chunk.last() else { break };
            after = Some(last.document.id);
            let vnfs: Vec<VnfInstance> = chunk.into_iter().map(|stored| stored.document).collect();
            vnfs.iter().for_each(|vnf| index.add(vnf));
            for vnf in self.suspects(&vnfs, now).await {
                self.look_at(vnf, Duration::ZERO);
            }
        }
        self.sites.keep(&index.hosts());
        self.index = index;
        self.forget_old(now).await
    }

    /// The VNFs of these with which something is wrong, or of which nobody can say.
    async fn suspects(&mut self, vnfs: &[VnfInstance], now: DateTime<Utc>) -> Vec<VnfInstanceId> {
        let instantiated: Vec<(VnfInstanceId, &InstantiatedVnf)> =
            vnfs.iter().filter_map(|vnf| Some((vnf.id, vnf.instantiated.as_ref()?))).collect();
        for (_, vnf) in &instantiated {
            self.sites.listen(vnf);
        }
        let all: Vec<&InstantiatedVnf> = instantiated.iter().map(|(_, vnf)| *vnf).collect();
        let seen = self.sites.look(&all).await;
        let suspicious = |judgement: &Judgement, id| {
            !judgement.undecided.is_empty() || !compare(id, judgement, &[], now).is_empty()
        };
        let judged = instantiated.into_iter().map(|(id, vnf)| (id, judge(vnf, &seen)));
        judged.filter(|(id, judgement)| suspicious(judgement, *id)).map(|(id, _)| id).collect()
    }

    /// Removes the alarms that have been over for long. They come in the order in which they were
    /// raised, and none is over before it is raised.
    async fn forget_old(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let chunk = self.store.alarms().cleared(after, CHUNK).await?;
            let Some(last) = chunk.last() else { return Ok(()) };
            after = Some(last.document.id);
            for Stored { document, generation } in chunk {
                if document.raised_at + KEPT >= now {
                    return Ok(());
                }
                if document.cleared_at.is_some_and(|at| at + KEPT < now) {
                    match self.store.alarms().delete(document.id, generation).await {
                        // Somebody took note of it just now; it goes next time.
                        Ok(()) | Err(StoreError::Stale { .. } | StoreError::NotFound { .. }) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
        }
    }
}
