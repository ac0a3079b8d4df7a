//! A look at one VNF: what is wrong becomes alarms, and what may be healed is healed.

use chrono::{DateTime, Utc};
use serde_json::json;
use tokio::time::Instant;
use tracing::{debug, info, warn};
use windlass_api::vnflcm::HealVnfRequest;
use windlass_lcm::{Engine, JournalError, NewOperation, Subject};
use windlass_model::alarm::Alarm;
use windlass_model::vnf::VnfInstance;
use windlass_model::{OperationId, VnfInstanceId};
use windlass_store::{Occurrence, Store, StoreError, Stored, Unfinished};

use super::compare::{Changes, compare};
use super::healing::{self, Next};
use super::judge::{Judgement, judge};
use super::sites::Sites;
use super::{BUSY, WatchError};
use crate::operations::HEAL;

/// Operations of a VNF that are looked at: more than there can be automatic heals in their window.
const RECENT: usize = 64;

/// What a look works with.
pub struct Look<'a, C: Send + Sync + 'static> {
    pub store: &'a Store,
    pub engine: &'a Engine<C>,
    pub sites: &'a Sites,
    pub now: DateTime<Utc>,
}

impl<C: Send + Sync + 'static> Look<'_, C> {
    /// Looks at a VNF, or leaves it alone; says which, and when to look again if it must be soon.
    pub async fn decide(
        &self,
        id: VnfInstanceId,
        running: Option<&Unfinished>,
    ) -> (VnfInstanceId, Result<Option<Instant>, WatchError>) {
        let again = match running {
            Some(running) => Ok(Some(self.leave_alone(running).await)),
            None => self.at(id).await,
        };
        (id, again)
    }

    async fn at(&self, id: VnfInstanceId) -> Result<Option<Instant>, WatchError> {
        let operations = self.store.operations().newest(&subject(id), RECENT).await?;
        let vnf = match self.store.vnf_instances().get(id).await {
            Ok(stored) => Some(stored),
            Err(StoreError::NotFound { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let instantiated = vnf.as_ref().and_then(|vnf| vnf.document.instantiated.as_ref());
        let judgement = match instantiated {
            Some(instantiated) => {
                let seen = self.sites.look(&[instantiated]).await;
                judge(instantiated, &seen)
            }
            None => Judgement::default(),
        };
        // An operation that began meanwhile may have stopped what was seen to stand still.
        let newest = |operations: &[Occurrence]| operations.first().map(|newest| newest.id);
        let meanwhile = self.store.operations().newest(&subject(id), 1).await?;
        let rests = meanwhile.first().is_none_or(|newest| newest.state.is_final());
        if !rests || newest(&meanwhile) != newest(&operations) {
            return Ok(Some(Instant::now() + BUSY));
        }
        self.write_alarms(id, &judgement, &operations).await?;
        let mut again = instantiated.and_then(|vnf| self.sites.next_loss(vnf));
        if let Some(vnf) = vnf.filter(|vnf| healing::is_enabled(&vnf.document)) {
            again = again.into_iter().chain(self.heal(&vnf, &judgement, &operations).await?).min();
        }
        Ok(again)
    }

    /// Leaves a VNF alone: its operation stops machines on purpose, so nothing is judged until that
    /// is over. A heal that nobody asked for and that got stuck is given up, lest it stand in the
    /// way of the next one.
    async fn leave_alone(&self, running: &Unfinished) -> Instant {
        if healing::is_stuck(running) {
            let id = running.id;
            match self.engine.fail(id).await {
                Ok(_) => warn!(operation = %id, "the automatic heal {id} got stuck: given up"),
                Err(error) => debug!(operation = %id, %error, "somebody else decided on {id}"),
            }
        }
        Instant::now() + BUSY
    }

    async fn active(&self, id: VnfInstanceId) -> Result<Vec<Stored<Alarm>>, StoreError> {
        let mut active = self.store.alarms().active().await?;
        active.retain(|stored| stored.document.vnf == id);
        Ok(active)
    }

    async fn write_alarms(
        &self,
        id: VnfInstanceId,
        judgement: &Judgement,
        operations: &[Occurrence],
    ) -> Result<(), WatchError> {
        let active = self.active(id).await?;
        let told: Vec<Alarm> =
            active.iter().map(|stored| healing::told(&stored.document, operations)).collect();
        let Changes { raised, mut changed } = compare(id, judgement, &told, self.now);
        for (told, stored) in told.into_iter().zip(&active) {
            if told != stored.document && changed.iter().all(|alarm| alarm.id != told.id) {
                changed.push(Alarm { changed_at: Some(self.now), ..told });
            }
        }
        for alarm in raised {
            self.raise(alarm).await?;
        }
        for alarm in changed {
            if let Some(stored) = active.iter().find(|stored| stored.document.id == alarm.id) {
                self.change(alarm, stored.generation).await?;
            }
        }
        Ok(())
    }

    async fn raise(&self, alarm: Alarm) -> Result<(), WatchError> {
        let (id, vnf, fault, severity) = (alarm.id, alarm.vnf, alarm.fault.name(), alarm.severity);
        match self.store.alarms().create(alarm).await {
            Ok(_) => warn!(alarm = %id, %vnf, fault, ?severity, "{fault} in VNF {vnf}"),
            Err(StoreError::Taken { .. }) => debug!(%vnf, fault, "somebody else raised it"),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Whoever changed the alarm meanwhile is respected: the next look sees it as it is then.
    async fn change(&self, alarm: Alarm, generation: i64) -> Result<(), WatchError> {
        let (id, vnf, fault, over) = (alarm.id, alarm.vnf, alarm.fault.name(), !alarm.is_active());
        match self.store.alarms().update(alarm, generation).await {
            Ok(_) if over => info!(alarm = %id, %vnf, fault, "{fault} in VNF {vnf} is over"),
            Ok(_) | Err(StoreError::Stale { .. }) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Heals what may be healed now; returns when the next component may be.
    async fn heal(
        &self,
        vnf: &Stored<VnfInstance>,
        judgement: &Judgement,
        operations: &[Occurrence],
    ) -> Result<Option<Instant>, WatchError> {
        let (mut sick, mut again) = (Vec::new(), None);
        for stored in self.active(vnf.document.id).await? {
            let alarm = &stored.document;
            let Some(name) = healing::component(&vnf.document, judgement, alarm) else { continue };
            if alarm.healing.given_up {
                continue;
            }
            match healing::next(&healing::attempts(operations, name), self.now) {
                Next::Heal => sick.push(stored),
                Next::Wait(until) => {
                    let wait = (until - self.now).to_std().unwrap_or_default();
                    again = again.into_iter().chain(Some(Instant::now() + wait)).min();
                }
                Next::GiveUp => {
                    warn!(vnf = %vnf.document.id, vnfc = name, "automatic healing gives up");
                    let mut given_up = Alarm { changed_at: Some(self.now), ..alarm.clone() };
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

    async fn note_attempt(
        &self,
        alarms: Vec<Stored<Alarm>>,
        operation: OperationId,
    ) -> Result<(), WatchError> {
        for Stored { document, generation } in alarms {
            let tried = healing::tried(&document, operation);
            self.change(Alarm { changed_at: Some(self.now), ..tried }, generation).await?;
        }
        Ok(())
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
    let mut vnfcs: Vec<String> = alarms()
        .filter_map(|alarm| healing::component(&vnf.document, judgement, alarm).map(str::to_owned))
        .collect();
    vnfcs.dedup();
    let causes: Vec<String> =
        alarms().map(|alarm| format!("{} (alarm {})", alarm.fault.name(), alarm.id)).collect();
    let request = HealVnfRequest {
        vnfc_instance_id: vnfcs,
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
