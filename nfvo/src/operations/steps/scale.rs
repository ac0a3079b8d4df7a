//! Scaling a VNF of a service. The plan names the level that is to be reached, not the steps to
//! take, so that a repeated step does not scale twice.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use windlass_lcm::{StepCall, StepError};

use super::Party;
use crate::nfvo::Core;

/// A VNF to be scaled along an aspect.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct ScaleVnf {
    /// Which.
    #[serde(flatten)]
    pub party: Party,
    /// The aspect.
    pub aspect: String,
    /// The level that it stands at.
    pub from: u32,
    /// The level that it is to stand at.
    pub to: u32,
}

pub(in crate::operations) async fn scale_vnf(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let input: ScaleVnf = call.input()?;
    let vnf = input.party.must_find(&core, &call).await?;
    core.vnfm.scale_to(&vnf, &input.aspect, input.to).await?;
    Ok(Value::Null)
}

/// Takes [`scale_vnf`] back.
pub(in crate::operations) async fn unscale_vnf(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let input: ScaleVnf = call.input()?;
    if let Some(vnf) = input.party.find(&core, &call).await? {
        core.vnfm.clear_the_way(&vnf).await?;
        core.vnfm.scale_to(&vnf, &input.aspect, input.from).await?;
    }
    Ok(Value::Null)
}
