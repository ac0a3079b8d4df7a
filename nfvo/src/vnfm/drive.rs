//! Bringing VNFs to where a service needs them.
//!
//! ```text
//!  join:     running ─wait▶ COMPLETED                         or FAILED_TEMP ─retry▶ running
//!  release:  running ─cancel▶ FAILED_TEMP ─rollback▶ ROLLED_BACK   ─terminate▶ nothing left
//!                                  └─ fails again ─fail▶ FAILED ──────┘
//! ```

use std::time::Duration;

use tokio::time::Instant;
use windlass_api::common::{CancelModeType, KeyValuePairs};
use windlass_api::vnflcm::{
    HealVnfRequest, InstantiateVnfRequest, InstantiationState, LcmOperationState, LcmOperationType,
    ScaleType, ScaleVnfRequest, TerminateVnfRequest, VnfInstance, VnfLcmOpOcc,
};
use windlass_client::{Error as ClientError, ListOptions};

use super::{FIRST_PAUSE, Vnfm, ended_badly};
use crate::error::{Error, Result};

/// How often an operation that stands in the way is dealt with before that is an error: cancelled,
/// rolled back, given up, and once more for one that slipped in between.
const CLEARINGS: u32 = 4;
/// How long a VNFM may be silent about an operation that it took.
const SILENCE: Duration = Duration::from_mins(2);
/// How often an operation is begun that somebody else is faster with.
const STARTS: u32 = 4;
/// How often a VNF is scaled that somebody else's scaling was already under way on.
const SCALINGS: u32 = 6;

impl Vnfm {
    /// Instantiates a VNF, unless it is instantiated.
    pub async fn instantiate(&self, id: &str, request: &InstantiateVnfRequest) -> Result<()> {
        let mut refused = None;
        for _ in 0..STARTS {
            if self.join(id, LcmOperationType::Instantiate).await?
                || self.is_instantiated(id).await?
            {
                return Ok(());
            }
            if let Some(mine) = begun(self.client.vnf_instantiate(id, request).await, &mut refused)?
            {
                return self.follow(&mine).await;
            }
        }
        Err(in_vain(id, refused))
    }

    /// Scales a VNF along an aspect until it stands at a level.
    pub async fn scale_to(&self, id: &str, aspect: &str, level: u32) -> Result<()> {
        let mut refused = None;
        for _ in 0..SCALINGS {
            // A level that was read while an earlier scaling ran would be scaled from twice.
            self.join(id, LcmOperationType::Scale).await?;
            let now = self.level_of(id, aspect).await?;
            if now == level {
                return Ok(());
            }
            let request = ScaleVnfRequest {
                scale_type: if now < level { ScaleType::ScaleOut } else { ScaleType::ScaleIn },
                aspect_id: aspect.to_owned(),
                number_of_steps: Some(now.abs_diff(level)),
                additional_params: KeyValuePairs::new(),
            };
            if let Some(mine) = begun(self.client.vnf_scale(id, &request).await, &mut refused)? {
                self.follow(&mine).await?;
            }
        }
        let unreached =
            || Error::Conflict(format!("aspect {aspect} does not come to level {level}"));
        Err(refused.map_or_else(unreached, Error::from))
    }

    async fn level_of(&self, id: &str, aspect: &str) -> Result<u32> {
        let vnf = self.vnf(id).await?.ok_or_else(|| Error::not_found("VNF instance", &id))?;
        let info = vnf.instantiated_vnf_info.as_ref();
        let mut levels = info.iter().flat_map(|info| &info.scale_status);
        let level = levels.find(|level| level.aspect_id == aspect).map(|level| level.scale_level);
        level.ok_or_else(|| Error::not_found("scaling aspect", &aspect))
    }

    /// Heals a VNF.
    pub async fn heal(&self, id: &str, request: &HealVnfRequest) -> Result<()> {
        let mut refused = None;
        for _ in 0..STARTS {
            if self.join(id, LcmOperationType::Heal).await? {
                return Ok(());
            }
            if let Some(mine) = begun(self.client.vnf_heal(id, request).await, &mut refused)? {
                return self.follow(&mine).await;
            }
        }
        Err(in_vain(id, refused))
    }

    /// Ends whatever is done to a VNF and gives its resources back. A VNF that is not there, or
    /// has none, is released already.
    pub async fn release(&self, id: &str, request: &TerminateVnfRequest) -> Result<()> {
        let mut refused = None;
        for _ in 0..STARTS {
            self.clear_the_way(id).await?;
            if !self.is_instantiated(id).await? {
                return Ok(());
            }
            if let Some(mine) = begun(self.client.vnf_terminate(id, request).await, &mut refused)? {
                return self.follow(&mine).await;
            }
        }
        Err(in_vain(id, refused))
    }

    /// The operations of all VNFs that are not finished.
    pub async fn all_unfinished(&self) -> Result<Vec<VnfLcmOpOcc>> {
        let options = ListOptions::all_fields().filtered(unfinished());
        Ok(self.client.vnf_operation_list(&options).await?)
    }

    /// The operation of a VNF that is not finished; there is never more than one.
    async fn unfinished(&self, id: &str) -> Result<Option<VnfLcmOpOcc>> {
        let filter = format!("(eq,vnfInstanceId,{id});{}", unfinished());
        let options = ListOptions::all_fields().filtered(filter);
        Ok(self.client.vnf_operation_list(&options).await?.pop())
    }

    async fn is_instantiated(&self, id: &str) -> Result<bool> {
        let is = |vnf: VnfInstance| vnf.instantiation_state == InstantiationState::Instantiated;
        Ok(self.vnf(id).await?.is_some_and(is))
    }

    /// Brings the operation of this kind that is under way to a good end, and tries it again when
    /// it failed half way; false when nothing is under way.
    async fn join(&self, id: &str, kind: LcmOperationType) -> Result<bool> {
        let Some(mine) = self.unfinished(id).await? else { return Ok(false) };
        if mine.operation != kind {
            return Err(in_the_way(&mine));
        }
        if mine.operation_state == LcmOperationState::FailedTemp {
            self.client.vnf_operation_retry(&mine.id).await?;
        }
        self.follow(&mine.id).await.map(|()| true)
    }

    /// Waits for an operation, which must come to a good end.
    async fn follow(&self, occurrence: &str) -> Result<()> {
        well_ended(&self.settled(occurrence).await?)
    }

    /// Ends the operation that is unfinished on a VNF, so that another one can begin.
    pub async fn clear_the_way(&self, id: &str) -> Result<()> {
        let mut failures = 0;
        for _ in 0..CLEARINGS {
            let Some(occurrence) = self.unfinished(id).await? else { return Ok(()) };
            match (occurrence.operation_state, occurrence.operation) {
                (LcmOperationState::FailedTemp, LcmOperationType::Terminate) if failures > 0 => {
                    return Err(ended_badly(&occurrence));
                }
                (LcmOperationState::FailedTemp, LcmOperationType::Terminate) => {
                    self.client.vnf_operation_retry(&occurrence.id).await?;
                    failures += 1;
                }
                (
                    LcmOperationState::FailedTemp,
                    LcmOperationType::Instantiate | LcmOperationType::Scale,
                ) if failures == 0 => {
                    failures += 1;
                    self.roll_back(&occurrence.id).await?;
                }
                // What cannot be undone is given up: terminating takes what it has left.
                (LcmOperationState::FailedTemp, _) => {
                    self.client.vnf_operation_fail(&occurrence.id).await?;
                }
                (_, LcmOperationType::Terminate) | (LcmOperationState::RollingBack, _) => {}
                _ => self.cancel(&occurrence.id).await?,
            }
            self.settled(&occurrence.id).await?;
        }
        match self.unfinished(id).await? {
            None => Ok(()),
            Some(occurrence) => Err(in_the_way(&occurrence)),
        }
    }

    /// Rolls an operation back; one that cannot be rolled back any more is left to be given up.
    async fn roll_back(&self, occurrence: &str) -> Result<()> {
        match self.client.vnf_operation_rollback(occurrence).await {
            Err(error) if !error.is_conflict() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Cancels an operation; one that came to rest meanwhile needs no cancel.
    async fn cancel(&self, occurrence: &str) -> Result<()> {
        match self.client.vnf_operation_cancel(occurrence, CancelModeType::Forceful).await {
            Err(error) if !error.is_conflict() => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Looks at an operation, less and less often, until it is at rest. A VNFM that answers only
    /// then is looked at no more often than that takes. The engine bounds how long the step that
    /// waits here may take. A VNFM that is restarted is waited for.
    async fn settled(&self, occurrence: &str) -> Result<VnfLcmOpOcc> {
        let mut pause = FIRST_PAUSE.min(self.poll);
        let mut heard = Instant::now();
        loop {
            let asked = Instant::now();
            match self.client.vnf_operation_await(occurrence, self.poll).await {
                Ok(seen) if seen.operation_state.is_settled() => return Ok(seen),
                Ok(_) => heard = Instant::now(),
                Err(ClientError::Unreachable { .. }) if heard.elapsed() < SILENCE => {}
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(pause.saturating_sub(asked.elapsed())).await;
            pause = pause.saturating_mul(2).min(self.poll);
        }
    }
}

/// The filter that only unfinished operations pass.
fn unfinished() -> String {
    let [completed, failed, rolled_back] =
        [LcmOperationState::Completed, LcmOperationState::Failed, LcmOperationState::RolledBack];
    format!("(nin,operationState,{completed},{failed},{rolled_back})")
}

/// The operation that was begun; `None` when the VNF's state was against it. Somebody else may have
/// been faster, such as a process that was taken for dead: then things are looked at again, and the
/// last refusal counts when that does not help.
fn begun(
    started: windlass_client::Result<String>,
    refused: &mut Option<ClientError>,
) -> Result<Option<String>> {
    match started {
        Err(error) if error.is_conflict() => {
            *refused = Some(error);
            Ok(None)
        }
        started => Ok(Some(started?)),
    }
}

fn in_vain(id: &str, refused: Option<ClientError>) -> Error {
    let unsaid = || Error::Conflict(format!("VNF {id} does not come to what is asked of it"));
    refused.map_or_else(unsaid, Error::from)
}

fn well_ended(occurrence: &VnfLcmOpOcc) -> Result<()> {
    if occurrence.operation_state == LcmOperationState::Completed {
        return Ok(());
    }
    Err(ended_badly(occurrence))
}

fn in_the_way(occurrence: &VnfLcmOpOcc) -> Error {
    let (id, operation) = (&occurrence.id, occurrence.operation);
    let state = occurrence.operation_state;
    Error::Conflict(format!("its operation {operation} {id} is {state} and stands in the way"))
}
