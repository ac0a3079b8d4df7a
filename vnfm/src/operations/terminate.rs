//! Terminate: stop and remove everything that the VNF has (SOL003 clause 5.4.8).

use std::sync::Arc;

use async_trait::async_trait;
use windlass_api::grant::GrantedLcmOperationType;
use windlass_api::vnflcm::{StopType, TerminateVnfRequest};
use windlass_lcm::{Operation, Plan, StepError};

use super::resize::{flavour, flavour_of};
use super::{DEFAULT_GRACE_S, Planner, TERMINATE, params, running};
use crate::Program;
use crate::plan::sizing::Sizing;
use crate::plan::{build, grant};

pub struct Terminate;

#[async_trait]
impl Planner for Terminate {
    fn kind(&self) -> &'static str {
        TERMINATE
    }

    async fn plan(&self, program: &Arc<Program>, operation: &Operation) -> Result<Plan, StepError> {
        let request: TerminateVnfRequest = params(operation)?;
        let (vnf, now) = running(operation)?;
        let known = flavour_of(program, &vnf).await?;
        let flavour = flavour(&known, &now.flavour)?;
        let sizing = Sizing { remove: now.vnfcs.clone(), ..Sizing::default() };
        let kind = GrantedLcmOperationType::Terminate;
        let ask = grant::request(&vnf, operation, kind, flavour, &sizing);
        let granted = grant::read(&program.nfvo.grant(&ask).await?)?;
        let grace_s = match request.termination_type {
            StopType::Forceful => 0,
            StopType::Graceful => {
                request.graceful_termination_timeout.map_or(DEFAULT_GRACE_S, u64::from)
            }
        };
        Ok(build::removal(&now, &granted, grace_s))
    }
}
