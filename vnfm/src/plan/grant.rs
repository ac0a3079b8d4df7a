//! What is asked of the NFVO, and what its answer says.

use std::collections::BTreeMap;

use windlass_api::common::{Link, ResourceHandle};
use windlass_api::grant::{
    AffinityOrAntiAffinity, ConstraintIdType, ConstraintResourceRef, Grant, GrantRequest,
    GrantRequestLinks, GrantedLcmOperationType, PlacementConstraint, PlacementScope,
    ResourceDefinition, ResourceType,
};
use windlass_descriptors::vnfd::{Affinity, AffinityRule, AffinityTarget, Flavour, Scope};
use windlass_lcm::Operation;
use windlass_model::vnf::{VnfInstance, Vnfc};
use windlass_model::{HostId, ImageDigest, Vim, VimId};

use super::PlanError;
use super::sizing::Sizing;

/// Where a component may be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The VIM.
    pub vim: VimId,
    /// The host.
    pub host: HostId,
    /// The host's name, for people.
    pub host_name: String,
    /// The host's zone.
    pub zone: String,
    /// The host's NUMA node that the component is bound to, when it asked for one.
    pub numa_node: Option<u32>,
}

/// What a grant says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Granted {
    /// The grant's id.
    pub id: String,
    /// The VIMs that it names.
    pub vims: Vec<Vim>,
    /// Where each new component may be made, by its name.
    pub places: BTreeMap<String, Place>,
    /// The content of each software image, by its id in the VNFD.
    pub images: BTreeMap<String, ImageDigest>,
}

/// The request for a grant.
#[must_use]
pub fn request(
    vnf: &VnfInstance,
    operation: &Operation,
    kind: GrantedLcmOperationType,
    flavour: &Flavour,
    sizing: &Sizing,
) -> GrantRequest {
    let add = sizing.add.iter().map(|new| compute(&new.name, &new.vdu, None));
    let remove = sizing.remove.iter().map(|vnfc| compute(&vnfc.name, &vnfc.vdu, Some(vnfc)));
    GrantRequest {
        vnf_instance_id: vnf.id.to_string(),
        vnf_lcm_op_occ_id: operation.id.to_string(),
        vnfd_id: vnf.product.vnfd_id.clone(),
        dst_vnfd_id: None,
        flavour_id: Some(flavour.id.as_str().to_owned()),
        operation: kind,
        is_automatic_invocation: operation.automatic,
        instantiation_level_id: None,
        add_resources: add.collect(),
        temp_resources: vec![],
        remove_resources: remove.collect(),
        update_resources: vec![],
        placement_constraints: constraints(vnf, flavour, sizing),
        vim_constraints: vec![],
        additional_params: serde_json::Map::new(),
        links: GrantRequestLinks {
            vnf_lcm_op_occ: Link::to(format!("/vnflcm/v2/vnf_lcm_op_occs/{}", operation.id)),
            vnf_instance: Link::to(format!("/vnflcm/v2/vnf_instances/{}", vnf.id)),
        },
    }
}

fn compute(name: &str, vdu: &str, existing: Option<&Vnfc>) -> ResourceDefinition {
    ResourceDefinition {
        id: name.to_owned(),
        resource_type: ResourceType::Compute,
        vdu_id: Some(vdu.to_owned()),
        vnfd_id: None,
        resource_template_id: vdu.to_owned(),
        secondary_resource_template_id: None,
        resource: existing.map(handle),
    }
}

fn handle(vnfc: &Vnfc) -> ResourceHandle {
    ResourceHandle {
        vim_connection_id: Some(vnfc.vim.to_string()),
        resource_id: vnfc.vm.to_string(),
        ..ResourceHandle::default()
    }
}

/// The flavour's placement rules, as far as they touch a component that is to be made.
fn constraints(vnf: &VnfInstance, flavour: &Flavour, sizing: &Sizing) -> Vec<PlacementConstraint> {
    let everybody = everybody(vnf, sizing);
    let mut constraints = Vec::new();
    for rule in &flavour.affinity_rules {
        let Some(scope) = scope(rule.scope) else { continue };
        let affinity_or_anti_affinity = match rule.affinity {
            Affinity::Affinity => AffinityOrAntiAffinity::Affinity,
            Affinity::AntiAffinity => AffinityOrAntiAffinity::AntiAffinity,
        };
        for resource in parties(&vdus_of(flavour, rule), rule.affinity, &everybody) {
            constraints.push(PlacementConstraint {
                affinity_or_anti_affinity,
                scope,
                resource,
                fallback_best_effort: None,
            });
        }
    }
    constraints
}

/// A component by its VDU, as a constraint refers to it; `is_new` when it is to be made.
struct Somebody {
    vdu: String,
    is_new: bool,
    reference: ConstraintResourceRef,
}

fn everybody(vnf: &VnfInstance, sizing: &Sizing) -> Vec<Somebody> {
    let goes = |vnfc: &&Vnfc| !sizing.remove.iter().any(|gone| gone.vm == vnfc.vm);
    let stays = vnf.instantiated.iter().flat_map(|instantiated| &instantiated.vnfcs).filter(goes);
    let old = stays.map(|vnfc| Somebody {
        vdu: vnfc.vdu.clone(),
        is_new: false,
        reference: reference(ConstraintIdType::ResMgmt, vnfc.vm.to_string()),
    });
    let new = sizing.add.iter().map(|new| Somebody {
        vdu: new.vdu.clone(),
        is_new: true,
        reference: reference(ConstraintIdType::Grant, new.name.clone()),
    });
    old.chain(new).collect()
}

/// Who must be together, or apart. Anti-affinity of several VDUs keeps components of different
/// VDUs apart and says nothing of two of one VDU, so it becomes a constraint for each such pair.
fn parties(
    vdus: &[&str],
    affinity: Affinity,
    everybody: &[Somebody],
) -> Vec<Vec<ConstraintResourceRef>> {
    let members: Vec<&Somebody> =
        everybody.iter().filter(|somebody| vdus.contains(&somebody.vdu.as_str())).collect();
    if affinity == Affinity::Affinity || vdus.len() < 2 {
        let all = members.iter().map(|somebody| somebody.reference.clone()).collect();
        let bites = members.len() > 1 && members.iter().any(|somebody| somebody.is_new);
        return if bites { vec![all] } else { vec![] };
    }
    let mut pairs = Vec::new();
    for (position, one) in members.iter().enumerate() {
        for other in &members[position + 1..] {
            if one.vdu != other.vdu && (one.is_new || other.is_new) {
                pairs.push(vec![one.reference.clone(), other.reference.clone()]);
            }
        }
    }
    pairs
}

fn scope(scope: Scope) -> Option<PlacementScope> {
    match scope {
        Scope::NfviNode | Scope::NetworkLinkAndNode => Some(PlacementScope::NfviNode),
        Scope::Zone => Some(PlacementScope::Zone),
        Scope::ZoneGroup => Some(PlacementScope::ZoneGroup),
        Scope::NfviPop => Some(PlacementScope::NfviPop),
        Scope::ContainerNamespace | Scope::CisNode | Scope::L2Network => None,
    }
}

fn vdus_of<'a>(flavour: &'a Flavour, rule: &'a AffinityRule) -> Vec<&'a str> {
    let mut vdus = Vec::new();
    for target in &rule.targets {
        let members = match target {
            AffinityTarget::Group(group) => flavour
                .placement_groups
                .get(group)
                .map(|group| group.members.as_slice())
                .unwrap_or_default(),
            AffinityTarget::Vdu(_) | AffinityTarget::VirtualLink(_) | AffinityTarget::Mciop(_) => {
                std::slice::from_ref(target)
            }
        };
        vdus.extend(members.iter().filter_map(|member| match member {
            AffinityTarget::Vdu(vdu) => Some(vdu.as_str()),
            AffinityTarget::VirtualLink(_)
            | AffinityTarget::Group(_)
            | AffinityTarget::Mciop(_) => None,
        }));
    }
    vdus
}

fn reference(id_type: ConstraintIdType, resource_id: String) -> ConstraintResourceRef {
    ConstraintResourceRef {
        id_type,
        resource_id,
        vim_connection_id: None,
        resource_provider_id: None,
    }
}

/// Reads the NFVO's answer.
///
/// # Errors
/// When it does not say where a component may be made, or on which VIM.
pub fn read(grant: &Grant) -> Result<Granted, PlanError> {
    let missing = |what: String| PlanError::GrantIncomplete(what);
    let mut vims = Vec::new();
    for connection in grant.vim_connection_info.values() {
        let document = connection.interface_info.get("vim").cloned();
        let document = document.ok_or_else(|| missing("how its VIM is reached".to_owned()))?;
        let vim: Vim = serde_json::from_value(document)
            .map_err(|error| missing(format!("how its VIM is reached: {error}")))?;
        vims.push(vim);
    }
    let mut places = BTreeMap::new();
    for info in &grant.add_resources {
        let name = &info.resource_definition_id;
        let place = place(&vims, info.host_id.as_deref(), name)?;
        places.insert(name.clone(), Place { numa_node: info.numa_node, ..place });
    }
    let mut images = BTreeMap::new();
    for image in grant.vim_assets.iter().flat_map(|assets| &assets.software_images) {
        let id = &image.vim_software_image_id;
        let digest = id.strip_prefix("sha256:").unwrap_or(id).to_owned();
        let digest = ImageDigest::try_from(digest).map_err(|error| missing(error.to_string()))?;
        images.insert(image.vnfd_software_image_id.clone(), digest);
    }
    Ok(Granted { id: grant.id.clone(), vims, places, images })
}

fn place(vims: &[Vim], host: Option<&str>, name: &str) -> Result<Place, PlanError> {
    let found = host.and_then(|id| id.parse::<HostId>().ok()).and_then(|id| {
        vims.iter().find_map(|vim| {
            let host = vim.hosts.iter().find(|host| host.id == id)?;
            Some(Place {
                vim: vim.id,
                host: id,
                host_name: host.name.clone(),
                zone: host.zone.clone(),
                numa_node: None,
            })
        })
    });
    found.ok_or_else(|| PlanError::GrantIncomplete(format!("which host {name} goes to")))
}
