//! A look at one VNF: what is wrong becomes alarms, and what may be healed is healed.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::time::Instant;
use tracing::{debug, info, warn};
use windlass_api::vnflcm::HealVnfRequest;
use windlass_lcm::{Engine, JournalError, NewOperation, Subject};
use windlass_model::alarm::Alarm;
use windlass_model::vnf::VnfInstance;
use windlass_model::{OperationId, VnfInstanceId};
use windlass_store::{Occurrence, Store, StoreError, Stored, Unfinished, Verdict};

use super::compare::{Changes, compare};
use super::healing::{self, Next};
use super::judge::{Judgement, judge};
use super::sites::{Sites, Whereabouts};
use super::{BUSY, WatchError};
use crate::operations::HEAL;

/// What a look works with.
pub struct Look<'a, C: Send + Sync + 'static> {
    pub store: &'a Store,
    pub engine: &'a Engine<C>,
    pub sites: &'a Sites,
    pub now: DateTime<Utc>,
}

impl<C: Send + Sync + 'static> Look<'_, C> {
    /// Looks at a VNF; says which, and when to look again if it must be soon.
    pub async fn at(
        &self,
        id: VnfInstanceId,
    ) -> (VnfInstanceId, Result<Option<Instant>, WatchError>) {
        (id, self.examine(id).await)
    }

    async fn examine(&self, id: VnfInstanceId) -> Result<Option<Instant>, WatchError> {
        let newest = self.store.operations().newest(&subject(id), 1).await?;
        if newest.iter().any(|operation| !operation.state.is_final()) {
            return Ok(Some(Instant::now() + BUSY));
        }
        let vnf = match self.store.vnf_instances().get(id).await {
            Ok(stored) => Some(stored),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let active = self.store.alarms().active_of(id).await?;
        let since = healing::since(active.iter().map(|stored| &stored.document), self.now);
        let heals = self.store.operations().automatic(&subject(id), since).await?;

        let instantiated = vnf.as_ref().and_then(|vnf| vnf.document.instantiated.as_ref());
        let judgement = match instantiated {
            Some(instantiated) => {
                let seen = self.sites.look(&[instantiated]).await;
                judge(instantiated, &seen)
            }
            None => Judgement::default(),
        };
        let generation = vnf.as_ref().map(|vnf| vnf.generation);
        let verdict = self.verdict(id, generation, &judgement, &active, &heals);
        if !self.pass(verdict).await? {
            return Ok(Some(Instant::now() + BUSY));
        }
        let mut again = instantiated.and_then(|vnf| self.sites.next_loss(vnf));
        if let Some(vnf) = vnf.filter(|vnf| healing::is_enabled(&vnf.document)) {
            again = again.into_iter().chain(self.heal(&vnf, &judgement, &heals).await?).min();
        }
        Ok(again)
    }

    /// What has to be written for what is wrong now, and for what has become of the heals.
    fn verdict(
        &self,
        vnf: VnfInstanceId,
        generation: Option<i64>,
        judgement: &Judgement,
        active: &[Stored<Alarm>],
        heals: &[Occurrence],
    ) -> Verdict {
        let told: Vec<Alarm> =
            active.iter().map(|stored| healing::told(&stored.document, heals)).collect();
        let Changes { raised, mut changed } = compare(vnf, judgement, &told, self.now);
        for (told, stored) in told.into_iter().zip(active) {
            if told != stored.document && changed.iter().all(|alarm| alarm.id != told.id) {
                changed.push(Alarm { changed_at: Some(self.now), ..told });
            }
        }
        let read_at = |alarm: Alarm| {
            let stored = active.iter().find(|stored| stored.document.id == alarm.id)?;
            Some(Stored { document: alarm, generation: stored.generation })
        };
        Verdict {
            vnf,
            generation,
            raised,
            changed: changed.into_iter().filter_map(read_at).collect(),
        }
    }

    /// Writes a verdict; false when it does not hold any more. An operation that began, or ended,
    /// during the look may have stopped what was seen to stand still, and removed what was missed;
    /// and whoever changed an alarm meanwhile is respected.
    async fn pass(&self, verdict: Verdict) -> Result<bool, WatchError> {
        if verdict.raised.is_empty() && verdict.changed.is_empty() {
            return Ok(true);
        }
        match self.store.alarms().pass(verdict.clone()).await {
            Ok(()) => {
                tell(&verdict);
                Ok(true)
            }
            Err(
                error @ (StoreError::Busy { .. }
                | StoreError::Stale { .. }
                | StoreError::Taken { .. }
                | StoreError::NotFound { .. }),
            ) => {
                debug!(vnf = %verdict.vnf, %error, "what was seen does not hold any more: {error}");
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Whoever changed the alarm meanwhile is respected: the next look sees it as it is then.
    async fn change(&self, mut alarm: Alarm, generation: i64) -> Result<(), WatchError> {
        alarm.changed_at = Some(self.now);
        match self.store.alarms().update(alarm, generation).await {
            Ok(_) | Err(StoreError::Stale { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Heals what may be healed now; returns when the next component may be.
    async fn heal(
        &self,
        vnf: &Stored<VnfInstance>,
        judgement: &Judgement,
        heals: &[Occurrence],
    ) -> Result<Option<Instant>, WatchError> {
        let (mut sick, mut again) = (Vec::new(), None);
        for stored in self.store.alarms().active_of(vnf.document.id).await? {
            let alarm = &stored.document;
            let Some(name) = healing::component(&vnf.document, judgement, alarm) else { continue };
            if alarm.healing.given_up {
                continue;
            }
            match healing::next(&healing::attempts(heals, name), self.now) {
                Next::Heal => {
                    let held_back = self.held_back(&vnf.document, judgement, alarm, name).await;
                    if held_back.is_none() {
                        sick.push(stored);
                    } else if alarm.healing.held_back != held_back {
                        let mut told = alarm.clone();
                        told.healing.held_back = held_back;
                        self.change(told, stored.generation).await?;
                    }
                }
                Next::Wait(until) => {
                    let wait = (until - self.now).to_std().unwrap_or_default();
                    again = again.into_iter().chain(Some(Instant::now() + wait)).min();
                }
                Next::GiveUp => {
                    warn!(vnf = %vnf.document.id, vnfc = name, "automatic healing gives up");
                    let mut given_up = alarm.clone();
                    given_up.healing.given_up = true;
                    self.change(given_up, stored.generation).await?;
                }
            }
        }
        if sick.is_empty() {
            return Ok(again);
        }
        match self.engine.submit(request(vnf, judgement, &sick)).await {
            Ok(operation) => self.note_attempt(sick, operation.id).await?,
            // Somebody was faster; when that is over there is another look.
            Err(JournalError::Busy { .. } | JournalError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(Some(Instant::now() + BUSY))
    }

    /// Why a component must not be healed although its machine is missing: somebody may have moved
    /// it, and a second one with the same addresses and volumes would harm both.
    async fn held_back(
        &self,
        vnf: &VnfInstance,
        judgement: &Judgement,
        alarm: &Alarm,
        name: &str,
    ) -> Option<String> {
        let (instantiated, vnfc) = vnf.instantiated.as_ref().zip(vnf.vnfc(name))?;
        if !healing::is_missing(judgement, alarm) {
            return None;
        }
        match self.sites.whereabouts(instantiated, vnfc).await {
            Whereabouts::Nowhere => None,
            Whereabouts::On(host) => {
                Some(format!("its machine is on host {host} now; move it back, or remove it there"))
            }
            Whereabouts::Untold(host) => {
                Some(format!("host {host} does not say whether its machine has been moved there"))
            }
        }
    }

    async fn note_attempt(
        &self,
        alarms: Vec<Stored<Alarm>>,
        operation: OperationId,
    ) -> Result<(), WatchError> {
        for Stored { document, generation } in alarms {
            self.change(healing::tried(&document, operation), generation).await?;
        }
        Ok(())
    }
}

/// Gives up a heal that nobody asked for and that got stuck, lest it stand in the way of the next
/// one. Any other unfinished operation is left alone.
pub async fn unblock<C: Send + Sync + 'static>(engine: &Engine<C>, running: &Unfinished) {
    if healing::is_stuck(running) {
        let id = running.id;
        match engine.fail(id).await {
            Ok(_) => warn!(operation = %id, "the automatic heal {id} got stuck: given up"),
            Err(error) => debug!(operation = %id, %error, "somebody else decided on {id}"),
        }
    }
}

fn tell(verdict: &Verdict) {
    let vnf = verdict.vnf;
    for Alarm { id, fault, severity, .. } in &verdict.raised {
        let fault = fault.name();
        warn!(alarm = %id, %vnf, fault, ?severity, "{fault} in VNF {vnf}");
    }
    let over = verdict.changed.iter().filter(|stored| !stored.document.is_active());
    for Alarm { id, fault, .. } in over.map(|stored| &stored.document) {
        let fault = fault.name();
        info!(alarm = %id, %vnf, fault, "{fault} in VNF {vnf} is over");
    }
}

fn subject(id: VnfInstanceId) -> Subject {
    Subject { kind: "vnf".to_owned(), id: id.0 }
}

/// The heal that these alarms ask for.
fn request(
    vnf: &Stored<VnfInstance>,
    judgement: &Judgement,
    alarms: &[Stored<Alarm>],
) -> NewOperation {
    let alarms = || alarms.iter().map(|stored| &stored.document);
    // A component may have more than one alarm.
    let vnfcs: BTreeSet<String> = alarms()
        .filter_map(|alarm| healing::component(&vnf.document, judgement, alarm).map(str::to_owned))
        .collect();
    let causes: Vec<String> =
        alarms().map(|alarm| format!("{} (alarm {})", alarm.fault.name(), alarm.id)).collect();
    let request = HealVnfRequest {
        vnfc_instance_id: vnfcs.into_iter().collect(),
        cause: Some(causes.join(", ")),
        ..HealVnfRequest::default()
    };
    NewOperation {
        id: OperationId::new(),
        kind: HEAL.to_owned(),
        subject: subject(vnf.document.id),
        generation: Some(vnf.generation),
        params: json!(request),
        automatic: true,
    }
}
