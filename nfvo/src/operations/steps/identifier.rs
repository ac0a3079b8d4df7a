//! The identifiers of a service's VNFs at the VNFM.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use windlass_api::vnflcm::CreateVnfRequest;
use windlass_lcm::{StepCall, StepError};

use super::Party;
use crate::nfvo::Core;

/// An identifier to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct CreateVnfIdentifier {
    /// For whom.
    #[serde(flatten)]
    pub party: Party,
    /// What is asked of the VNFM; who the VNF is in its service is added.
    pub request: CreateVnfRequest,
}

pub(in crate::operations) async fn create_vnf_identifier(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let CreateVnfIdentifier { party, request } = call.input()?;
    let vnf = core.vnfm.ensure_member(party.ns, &party.place, &request).await?;
    Ok(json!({ "vnf": vnf.id }))
}

/// Takes [`create_vnf_identifier`] back.
pub(in crate::operations) async fn forget_vnf_identifier(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let CreateVnfIdentifier { party, .. } = call.input()?;
    // The step may have been cut off before its answer was logged, so the VNFM is asked.
    if let Some(vnf) = core.vnfm.member(party.ns, &party.place).await? {
        core.vnfm.delete(&vnf.id).await?;
    }
    Ok(Value::Null)
}

pub(in crate::operations) async fn delete_vnf_identifier(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let party: Party = call.input()?;
    if let Some(vnf) = party.find(&core, &call).await? {
        core.vnfm.delete(&vnf).await?;
    }
    Ok(Value::Null)
}
