//! The steps that the operations of a service are made of. Each may run twice and be undone twice.

mod heal;
mod identifier;
mod network;
mod scale;
mod vnf;

use serde::{Deserialize, Serialize};
use windlass_lcm::{Journal, Progress, StepCall, StepError};
use windlass_model::NsInstanceId;

use crate::error::Result;
use crate::nfvo::Core;

pub(super) use heal::{HealVnf, heal_vnf};
pub(super) use identifier::{
    CreateVnfIdentifier, create_vnf_identifier, delete_vnf_identifier, forget_vnf_identifier,
};
pub(super) use network::{
    DeleteNetwork, EnsureNetwork, delete_network, ensure_network, remove_network,
};
pub(super) use scale::{ScaleVnf, scale_vnf, unscale_vnf};
pub(super) use vnf::{InstantiateVnf, TerminateVnf, instantiate_vnf, release_vnf, terminate_vnf};

/// The VNF that a step is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Party {
    /// The service.
    pub ns: NsInstanceId,
    /// Its place in the service.
    pub place: String,
    /// What it is made of.
    pub vnfd_id: String,
    /// Its name, for people.
    pub name: String,
    /// Which VNF it is, where that was known when the plan was made.
    pub vnf: Option<String>,
}

impl Party {
    /// The VNF: as planned, else as an earlier step of the same operation made it, else as the
    /// VNFM finds it. `None` when there is none.
    async fn find(&self, core: &Core, call: &StepCall) -> Result<Option<String>, StepError> {
        if let Some(vnf) = &self.vnf {
            return Ok(Some(vnf.clone()));
        }
        let node = format!("{}/{}", super::ns_instantiate::CREATE, self.place);
        let log = core.store.log(call.operation.id).await.map_err(crate::error::Error::from)?;
        let plan = call.operation.plan.clone().unwrap_or_default();
        if let Some(vnf) = super::outlook::made(&Progress::replay(&plan, &log), &node) {
            return Ok(Some(vnf.to_string()));
        }
        Ok(core.vnfm.member(self.ns, &self.place).await?.map(|vnf| vnf.id))
    }

    /// The VNF, which must be there.
    async fn must_find(&self, core: &Core, call: &StepCall) -> Result<String, StepError> {
        self.find(core, call).await?.ok_or_else(|| {
            StepError::lasting(404, format!("the VNFM has no VNF for {} any more", self.place))
        })
    }
}
