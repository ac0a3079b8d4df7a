//! Healing a VNF of a service.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use windlass_api::vnflcm::HealVnfRequest;
use windlass_lcm::{StepCall, StepError};

use super::Party;
use crate::nfvo::Core;

/// A VNF to be healed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct HealVnf {
    /// Which.
    #[serde(flatten)]
    pub party: Party,
    /// What is asked of the VNFM.
    pub request: HealVnfRequest,
}

pub(in crate::operations) async fn heal_vnf(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let HealVnf { party, request } = call.input()?;
    let vnf = party.must_find(&core, &call).await?;
    core.vnfm.heal(&vnf, &request).await?;
    Ok(Value::Null)
}
