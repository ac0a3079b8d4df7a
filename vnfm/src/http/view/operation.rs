//! `VnfLcmOpOcc` (SOL003 clause 5.5.2.13).

use serde::Deserialize;
use windlass_api::api::Api;
use windlass_api::common::{CancelModeType, Link, ResourceHandle};
use windlass_api::vnflcm::{
    AffectedVirtualLink, AffectedVirtualStorage, AffectedVnfc, LcmOperationState, LcmOperationType,
    ResourceChangeType, ResourceChanges, VnfLcmOpOcc, VnfLcmOpOccLinks,
};
use windlass_lcm::{Operation, Progress, is_past_return};
use windlass_model::vnf::{InstantiatedVnf, VnfInstance, Vnfc};
use windlass_model::{CancelMode, OperationState};
use windlass_server::progress::problem;

use super::operation_path;
use crate::operations::{
    HEAL, INSTANTIATE, MODIFY_INFO, OPERATE, SCALE, SCALE_TO_LEVEL, TERMINATE,
};
use crate::plan::Notes;
use crate::steps::STEPS;

/// An operation occurrence as clients see it; its progress adds what it has changed.
pub fn operation(operation: &Operation, progress: Option<&Progress>) -> VnfLcmOpOcc {
    let notes = Notes::of(operation).unwrap_or_default();
    VnfLcmOpOcc {
        id: operation.id.to_string(),
        operation_state: state(operation.state),
        state_entered_time: operation.state_since,
        start_time: operation.started_at,
        vnf_instance_id: operation.subject.id.to_string(),
        grant_id: notes.grant.clone(),
        operation: kind(&operation.kind),
        is_automatic_invocation: operation.automatic,
        operation_params: Some(operation.params.clone()).filter(|params| !params.is_null()),
        is_cancel_pending: operation.cancel.is_some(),
        cancel_mode: operation.cancel.map(|mode| match mode {
            CancelMode::Graceful => CancelModeType::Graceful,
            CancelMode::Forceful => CancelModeType::Forceful,
        }),
        error: operation.error.as_ref().map(problem),
        resource_changes: progress
            .map(|progress| changes(operation, &notes, progress))
            .filter(|changes| *changes != ResourceChanges::default()),
        changed_info: None,
        changed_ext_connectivity: vec![],
        warnings: vec![],
        links: Some(links(operation, &notes, progress)),
    }
}

fn kind(kind: &str) -> LcmOperationType {
    match kind {
        INSTANTIATE => LcmOperationType::Instantiate,
        SCALE => LcmOperationType::Scale,
        SCALE_TO_LEVEL => LcmOperationType::ScaleToLevel,
        HEAL => LcmOperationType::Heal,
        OPERATE => LcmOperationType::Operate,
        TERMINATE => LcmOperationType::Terminate,
        MODIFY_INFO => LcmOperationType::ModifyInfo,
        // The journal of this program holds no other kinds; a newer one's would be shown so.
        _ => LcmOperationType::ChangeVnfpkg,
    }
}

fn state(state: OperationState) -> LcmOperationState {
    match state {
        OperationState::Starting => LcmOperationState::Starting,
        OperationState::Processing => LcmOperationState::Processing,
        OperationState::Completed => LcmOperationState::Completed,
        OperationState::FailedTemp => LcmOperationState::FailedTemp,
        OperationState::Failed => LcmOperationState::Failed,
        OperationState::RollingBack => LcmOperationState::RollingBack,
        OperationState::RolledBack => LcmOperationState::RolledBack,
    }
}

fn links(operation: &Operation, notes: &Notes, progress: Option<&Progress>) -> VnfLcmOpOccLinks {
    let this = operation_path(operation.id);
    let task = |name: &str, possible: bool| possible.then(|| Link::to(format!("{this}/{name}")));
    let waits = operation.state == OperationState::FailedTemp;
    let rolls_back = match (&operation.plan, progress) {
        (Some(plan), Some(progress)) => !is_past_return(STEPS, plan, progress),
        (None, _) | (_, None) => true,
    };
    let instance = format!("{}/vnf_instances/{}", Api::VnfLcm.root(), operation.subject.id);
    let grant = |id: &String| Link::to(format!("{}/grants/{id}", Api::Grant.root()));
    VnfLcmOpOccLinks {
        vnf_instance: Link::to(instance),
        grant: notes.grant.as_ref().map(grant),
        cancel: task("cancel", operation.state.is_active()),
        retry: task("retry", waits),
        rollback: task("rollback", waits && rolls_back),
        fail: task("fail", waits),
        this: Link::to(this),
    }
}

/// What the operation has changed so far: the difference that its log makes to the VNF.
fn changes(operation: &Operation, notes: &Notes, progress: &Progress) -> ResourceChanges {
    let before = VnfInstance::deserialize(&operation.before).ok();
    let nothing = InstantiatedVnf::default();
    let old = before.as_ref().and_then(|vnf| vnf.instantiated.as_ref()).unwrap_or(&nothing);
    let new = notes.target.as_ref().unwrap_or(&nothing);
    let done = |step: &str, name: &str| progress.is_done(&format!("{step}/{name}"));
    let is_same = |one: &Vnfc, others: &[Vnfc]| others.iter().any(|other| other.vm == one.vm);

    let mut changes = ResourceChanges::default();
    for vnfc in &new.vnfcs {
        if !is_same(vnfc, &old.vnfcs) && done("define_vm", &vnfc.name) {
            add(&mut changes, vnfc, ResourceChangeType::Added);
        }
    }
    for vnfc in &old.vnfcs {
        if !is_same(vnfc, &new.vnfcs) && done("delete_vm", &vnfc.name) {
            add(&mut changes, vnfc, ResourceChangeType::Removed);
        }
    }
    let both = [
        (&new.networks, &old.networks, "ensure_network", ResourceChangeType::Added),
        (&old.networks, &new.networks, "delete_network", ResourceChangeType::Removed),
    ];
    for (have, lack, step, change_type) in both {
        for network in have.iter().filter(|network| !lack.contains(network)) {
            if done(step, &network.virtual_link) {
                changes.affected_virtual_links.push(AffectedVirtualLink {
                    id: network.virtual_link.clone(),
                    vnf_virtual_link_desc_id: network.virtual_link.clone(),
                    vnfd_id: None,
                    change_type,
                    network_resource: handle(network.vim, &network.network),
                    vnf_link_port_ids: vec![],
                    resource_definition_id: None,
                    zone_id: None,
                    metadata: serde_json::Map::new(),
                });
            }
        }
    }
    changes
}

fn add(changes: &mut ResourceChanges, vnfc: &Vnfc, change_type: ResourceChangeType) {
    let storages: Vec<String> = vnfc.volumes.iter().map(|v| v.volume.to_string()).collect();
    let (added, removed) = match change_type {
        ResourceChangeType::Removed => (vec![], storages),
        ResourceChangeType::Added
        | ResourceChangeType::Modified
        | ResourceChangeType::Temporary
        | ResourceChangeType::LinkPortAdded
        | ResourceChangeType::LinkPortRemoved => (storages, vec![]),
    };
    changes.affected_vnfcs.push(AffectedVnfc {
        id: vnfc.name.clone(),
        vdu_id: vnfc.vdu.clone(),
        vnfd_id: None,
        change_type,
        compute_resource: handle(vnfc.vim, &vnfc.vm),
        resource_definition_id: Some(vnfc.name.clone()),
        zone_id: Some(vnfc.zone.clone()),
        metadata: serde_json::Map::new(),
        affected_vnfc_cp_ids: vnfc
            .cps
            .iter()
            .map(|cp| format!("{}/{}", vnfc.name, cp.cpd))
            .collect(),
        added_storage_resource_ids: added,
        removed_storage_resource_ids: removed,
    });
    for volume in &vnfc.volumes {
        changes.affected_virtual_storages.push(AffectedVirtualStorage {
            id: volume.volume.to_string(),
            virtual_storage_desc_id: volume.storage.clone(),
            vnfd_id: None,
            change_type,
            storage_resource: handle(vnfc.vim, &volume.volume),
            resource_definition_id: None,
            zone_id: Some(vnfc.zone.clone()),
            metadata: serde_json::Map::new(),
        });
    }
}

fn handle(vim: windlass_model::VimId, resource: &impl ToString) -> ResourceHandle {
    ResourceHandle {
        vim_connection_id: Some(vim.to_string()),
        resource_id: resource.to_string(),
        ..ResourceHandle::default()
    }
}
