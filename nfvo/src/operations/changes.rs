//! What an operation has touched so far, for its occurrence (SOL005 clause 6.5.2.3).

use serde_json::Value;
use windlass_api::nslcm::{
    AffectedVl, AffectedVnf, NsChangeResult, NsResourceChanges, VlChangeType, VnfChangeType,
};
use windlass_lcm::{Node, NodeState, Operation, Progress};

use super::profile_of;
use super::steps::{DeleteNetwork, EnsureNetwork, Party};

/// What the nodes of an operation have done to networks and VNFs.
pub(crate) fn changes(operation: &Operation, progress: &Progress) -> NsResourceChanges {
    let mut changes = NsResourceChanges::default();
    for node in operation.plan.iter().flat_map(|plan| &plan.nodes) {
        let Some(result) = progress.of(&node.id).and_then(|status| result(status.state)) else {
            continue;
        };
        match node.step.as_str() {
            "ensure_network" => {
                changes.affected_vls.extend(made_link(node, result));
            }
            "delete_network" => {
                changes.affected_vls.extend(removed_link(node, result));
            }
            step => {
                let Some(change) = change_of(step) else { continue };
                changes.affected_vnfs.extend(vnf(node, progress, change, result));
            }
        }
    }
    changes
}

/// How far a node's effect has come; `None` while it has none.
fn result(state: NodeState) -> Option<NsChangeResult> {
    match state {
        NodeState::Pending | NodeState::Running | NodeState::Undoing => None,
        NodeState::Done => Some(NsChangeResult::Completed),
        NodeState::Failed | NodeState::UndoFailed => Some(NsChangeResult::Failed),
        NodeState::Undone => Some(NsChangeResult::RolledBack),
    }
}

fn change_of(step: &str) -> Option<VnfChangeType> {
    Some(match step {
        "create_vnf_identifier" => VnfChangeType::Add,
        "instantiate_vnf" => VnfChangeType::Instantiate,
        "terminate_vnf" => VnfChangeType::Terminate,
        "delete_vnf_identifier" => VnfChangeType::Remove,
        "scale_vnf" => VnfChangeType::Scale,
        "heal_vnf" => VnfChangeType::Heal,
        _ => return None,
    })
}

fn vnf(
    node: &Node,
    progress: &Progress,
    change_type: VnfChangeType,
    change_result: NsChangeResult,
) -> Option<AffectedVnf> {
    let party: Party = read(&node.input)?;
    let created = format!("{}/{}", super::ns_instantiate::CREATE, party.place);
    let made = || super::outlook::made(progress, &created).map(|vnf| vnf.to_string());
    Some(AffectedVnf {
        vnf_instance_id: party.vnf.or_else(made)?,
        vnfd_id: party.vnfd_id,
        vnf_profile_id: profile_of(&party.place).to_owned(),
        vnf_name: party.name,
        change_type,
        change_result,
    })
}

fn made_link(node: &Node, result: NsChangeResult) -> Option<AffectedVl> {
    let made: EnsureNetwork = read(&node.input)?;
    Some(link(&made.link, made.network.id.to_string(), VlChangeType::Add, result))
}

fn removed_link(node: &Node, result: NsChangeResult) -> Option<AffectedVl> {
    let gone: DeleteNetwork = read(&node.input)?;
    Some(link(&gone.link, gone.network.to_string(), VlChangeType::Delete, result))
}

fn link(
    name: &str,
    id: String,
    change_type: VlChangeType,
    change_result: NsChangeResult,
) -> AffectedVl {
    AffectedVl {
        ns_virtual_link_instance_id: id,
        ns_virtual_link_desc_id: name.to_owned(),
        vl_profile_id: name.to_owned(),
        change_type,
        link_port_ids: Vec::new(),
        change_result,
    }
}

fn read<T: serde::de::DeserializeOwned>(input: &Value) -> Option<T> {
    T::deserialize(input).ok()
}
