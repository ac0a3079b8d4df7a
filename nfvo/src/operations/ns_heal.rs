//! NS heal: VNFs of the service are made whole.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use windlass_api::nslcm::{HealNsRequest, HealVnfData};
use windlass_api::vnflcm::HealVnfRequest;
use windlass_lcm::{Operation, Plan, Procedure, Progress, Step, StepError, step};

use super::steps::{HealVnf, Party, heal_vnf};
use super::{Kind, before, decode, encode};
use crate::nfvo::Core;
use crate::vnfm::Member;

const NS_HEAL: &[Step<Core>] =
    &[step!(heal_vnf, no_undo = "a VNF that is whole is not to be broken again")];

/// The procedure.
pub(super) struct NsHeal;

#[async_trait]
impl Procedure<Core> for NsHeal {
    fn kind(&self) -> &'static str {
        Kind::Heal.name()
    }

    fn steps(&self) -> &'static [Step<Core>] {
        NS_HEAL
    }

    fn may_roll_back(&self) -> bool {
        Kind::Heal.may_roll_back()
    }

    async fn plan(&self, core: &Arc<Core>, operation: &Operation) -> Result<Plan, StepError> {
        let ns = before(operation)?;
        let request: HealNsRequest = decode("the request", &operation.params)?;
        plan(&core.vnfm.members(ns.id).await?, ns.id, &request)
    }

    fn reflect(&self, operation: &Operation, _: &Progress) -> Result<Value, StepError> {
        // What its VNFs are made of, the VNFM knows; of the service nothing changes.
        Ok(operation.before.clone())
    }
}

/// What is to be done: the VNFs that are named, else all.
fn plan(
    members: &[Member],
    ns: windlass_model::NsInstanceId,
    request: &HealNsRequest,
) -> Result<Plan, StepError> {
    let known: BTreeSet<&str> = members.iter().map(|member| member.vnf.id.as_str()).collect();
    let mut named = request.heal_vnf_data.iter().map(|data| data.vnf_instance_id.as_str());
    if let Some(stranger) = named.find(|id| !known.contains(id)) {
        let told = format!("VNF {stranger} is not one of this service's");
        return Err(StepError::lasting(422, told));
    }
    let mut plan = Plan::default();
    for Member { place, vnf } in members {
        let data = request.heal_vnf_data.iter().find(|data| data.vnf_instance_id == vnf.id);
        if data.is_none() && !request.heal_vnf_data.is_empty() {
            continue;
        }
        let name = vnf.vnf_instance_name.clone().unwrap_or_else(|| place.clone());
        let about = format!("heal VNF {name}");
        let (place, vnfd_id) = (place.clone(), vnf.vnfd_id.clone());
        let party = Party { ns, place: place.clone(), vnfd_id, name, vnf: Some(vnf.id.clone()) };
        let input = HealVnf { party, request: data.map(heal_request).unwrap_or_default() };
        plan.add("heal_vnf", &place, about, encode(&input)?, &[]);
    }
    Ok(plan)
}

fn heal_request(data: &HealVnfData) -> HealVnfRequest {
    HealVnfRequest {
        vnfc_instance_id: data.vnfc_instance_id.clone(),
        cause: data.cause.clone(),
        heal_script: None,
        additional_params: data.additional_params.clone(),
    }
}
