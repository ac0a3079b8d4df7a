//! NS terminate: VNFs in the order in which nobody misses another, then their identifiers, then
//! the networks.
//!
//! ```text
//!  terminate_vnf/web ─▶ terminate_vnf/db ─▶ delete_vnf_identifier/…
//!                             └───────────▶ delete_network/lan
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use windlass_api::common::KeyValuePairs;
use windlass_api::nslcm::{TerminateNsRequest, TerminateVnfData};
use windlass_api::vnflcm::{StopType, TerminateVnfRequest};
use windlass_descriptors::nsd::NsFlavour;
use windlass_lcm::{Operation, Plan, Procedure, Progress, Step, StepError, step};
use windlass_model::ns::NsInstance;

use super::ns_instantiate::nsd_of;
use super::place::profile_of;
use super::steps::{
    DeleteNetwork, Party, TerminateVnf, delete_network, delete_vnf_identifier, terminate_vnf,
};
use super::{Kind, before, decode, encode};
use crate::nfvo::Core;

const NS_TERMINATE: &[Step<Core>] = &[
    step!(terminate_vnf, no_undo = "a VNF that is gone does not come back"),
    step!(delete_vnf_identifier, no_undo = "nor does its identifier"),
    step!(delete_network, no_undo = "nobody is left who would use it"),
];

/// The procedure.
pub(super) struct NsTerminate;

#[async_trait]
impl Procedure<Core> for NsTerminate {
    fn kind(&self) -> &'static str {
        Kind::Terminate.name()
    }

    fn steps(&self) -> &'static [Step<Core>] {
        NS_TERMINATE
    }

    fn may_roll_back(&self) -> bool {
        Kind::Terminate.may_roll_back()
    }

    async fn plan(&self, core: &Arc<Core>, operation: &Operation) -> Result<Plan, StepError> {
        let ns = before(operation)?;
        let request: TerminateNsRequest = decode("the request", &operation.params)?;
        let nsd = nsd_of(core, ns.nsd_info).await?;
        let running = ns.instantiated.as_ref();
        let flavour = running.and_then(|running| nsd.flavour(&running.flavour).ok());
        plan(&ns, flavour, &parties(core, &ns, flavour).await?, &request)
    }

    fn reflect(&self, operation: &Operation, progress: &Progress) -> Result<Value, StepError> {
        let mut ns = before(operation)?;
        let Some(plan) = &operation.plan else { return encode(&ns) };
        let done = |step: &str, name: &str| progress.is_done(&format!("{step}/{name}"));
        if progress.done() == plan.nodes.len() {
            ns.instantiated = None;
        }
        if let Some(running) = &mut ns.instantiated {
            running.vnfs.retain(|vnf| !done("delete_vnf_identifier", &vnf.profile));
            running.links.retain(|link| !done("delete_network", &link.virtual_link));
        }
        encode(&ns)
    }
}

/// The VNFs of a service: those that are recorded, and those that the VNFM knows beside them,
/// which an instantiation that was given up may have left.
async fn parties(
    core: &Core,
    ns: &NsInstance,
    flavour: Option<&NsFlavour>,
) -> Result<BTreeMap<String, Party>, StepError> {
    let recorded = ns.instantiated.iter().flat_map(|running| &running.vnfs);
    let mut parties: BTreeMap<String, Party> = recorded
        .map(|one| {
            let profile = flavour.and_then(|flavour| flavour.vnfs.get(profile_of(&one.profile)));
            let party = Party {
                ns: ns.id,
                place: one.profile.clone(),
                vnfd_id: profile.map_or_else(String::new, |profile| profile.vnfd_id.to_string()),
                name: one.profile.clone(),
                vnf: Some(one.vnf.to_string()),
            };
            (one.profile.clone(), party)
        })
        .collect();
    for member in core.vnfm.members(ns.id).await? {
        let party = Party {
            ns: ns.id,
            place: member.place.clone(),
            vnfd_id: member.vnf.vnfd_id,
            name: member.vnf.vnf_instance_name.unwrap_or_else(|| member.place.clone()),
            vnf: Some(member.vnf.id),
        };
        parties.insert(member.place, party);
    }
    Ok(parties)
}

/// What is to be done so that nothing is left of the service.
pub(super) fn plan(
    ns: &NsInstance,
    flavour: Option<&NsFlavour>,
    parties: &BTreeMap<String, Party>,
    request: &TerminateNsRequest,
) -> Result<Plan, StepError> {
    let mut plan = Plan::default();
    let node = |place: &str| format!("terminate_vnf/{place}");
    for (place, party) in parties {
        // Whoever was started after this one, because it depends on it, goes first.
        let dependants = parties.keys().filter(|other| depends(flavour, other, place));
        let after: Vec<String> = dependants.map(|other| node(other)).collect();
        let input = TerminateVnf { party: party.clone(), request: how(party, request) };
        let about = format!("terminate VNF {}", party.name);
        plan.add("terminate_vnf", place, about, encode(&input)?, &after);
    }
    for (place, party) in parties {
        let about = format!("delete the identifier of VNF {}", party.name);
        plan.add("delete_vnf_identifier", place, about, encode(party)?, &[node(place)]);
    }
    let all: Vec<String> = parties.keys().map(|place| node(place)).collect();
    for link in ns.instantiated.iter().flat_map(|running| &running.links) {
        let (name, vim, network) = (link.virtual_link.clone(), link.vim, link.network);
        let about = format!("remove network {name}");
        let input = DeleteNetwork { link: name.clone(), vim, network };
        plan.add("delete_network", &name, about, encode(&input)?, &all);
    }
    Ok(plan)
}

fn depends(flavour: Option<&NsFlavour>, who: &str, on: &str) -> bool {
    let profile = flavour.and_then(|flavour| flavour.vnfs.get(profile_of(who)));
    let mut awaited = profile.into_iter().flat_map(|profile| &profile.depends_on);
    awaited.any(|profile| *profile == profile_of(on))
}

/// How a VNF is to be terminated: as the request says, else gracefully.
fn how(party: &Party, request: &TerminateNsRequest) -> TerminateVnfRequest {
    let mut asked = request.terminate_vnf_data.iter();
    let asked: Option<&TerminateVnfData> =
        asked.find(|data| Some(&data.vnf_instance_id) == party.vnf.as_ref());
    TerminateVnfRequest {
        termination_type: asked
            .and_then(|data| data.termination_type)
            .unwrap_or(StopType::Graceful),
        graceful_termination_timeout: asked.and_then(|data| data.graceful_termination_timeout),
        additional_params: asked
            .map_or_else(KeyValuePairs::new, |data| data.additional_params.clone()),
    }
}
