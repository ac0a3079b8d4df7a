//! Giving a VNF of a service its resources, and taking them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use windlass_api::common::KeyValuePairs;
use windlass_api::vnflcm::{InstantiateVnfRequest, StopType, TerminateVnfRequest};
use windlass_lcm::{StepCall, StepError};

use super::Party;
use crate::nfvo::Core;

/// A VNF to be instantiated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct InstantiateVnf {
    /// Which.
    #[serde(flatten)]
    pub party: Party,
    /// What is asked of the VNFM.
    pub request: InstantiateVnfRequest,
}

/// A VNF to be terminated.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct TerminateVnf {
    /// Which.
    #[serde(flatten)]
    pub party: Party,
    /// What is asked of the VNFM.
    pub request: TerminateVnfRequest,
}

pub(in crate::operations) async fn instantiate_vnf(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let InstantiateVnf { party, request } = call.input()?;
    let vnf = party.must_find(&core, &call).await?;
    core.vnfm.instantiate(&vnf, &request).await?;
    Ok(Value::Null)
}

/// Takes [`instantiate_vnf`] back. A step that was cut off may have left the VNF's operation
/// running: that is ended first.
pub(in crate::operations) async fn release_vnf(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let InstantiateVnf { party, .. } = call.input()?;
    let at_once = TerminateVnfRequest {
        termination_type: StopType::Forceful,
        graceful_termination_timeout: None,
        additional_params: KeyValuePairs::new(),
    };
    if let Some(vnf) = party.find(&core, &call).await? {
        core.vnfm.release(&vnf, &at_once).await?;
    }
    Ok(Value::Null)
}

pub(in crate::operations) async fn terminate_vnf(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let TerminateVnf { party, request } = call.input()?;
    if let Some(vnf) = party.find(&core, &call).await? {
        core.vnfm.release(&vnf, &request).await?;
    }
    Ok(Value::Null)
}
