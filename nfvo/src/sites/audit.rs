//! What the VIMs hold and nobody owns, and what somebody owns and no VIM holds.

use std::collections::BTreeSet;

use windlass_api::grant::ResourceType;
use windlass_api::vnflcm::VnfInstance;
use windlass_api::windlass::{AuditReport, MissingResource, OrphanResource};
use windlass_model::ns::NsInstance;
use windlass_model::{HostState, Owner, Vim};
use windlass_vim::{Owned, OwnedKind};

use super::all;
use crate::error::Result;
use crate::nfvo::Core;
use crate::operations;

/// More NS instances than this are not looked at.
const INSTANCES_MAX: usize = 100_000;

/// A resource that an instance is recorded to have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Claim {
    kind: OwnedKind,
    id: String,
    vim: String,
    owner: String,
}

/// A VIM and what it holds of ours; `None` when it did not answer.
struct Holding {
    vim: Vim,
    owned: Option<Vec<Owned>>,
}

/// Compares what is recorded with what is there, on every host that answers.
pub(crate) async fn audit(core: &Core) -> Result<AuditReport> {
    // What is there is read first: what is made while the claims are read is then no orphan.
    let holdings = holdings(core).await?;
    let stored = core.store.ns_instances().list(None, INSTANCES_MAX).await?;
    let services: Vec<NsInstance> = stored.into_iter().map(|ns| ns.document).collect();
    let vnfs = core.vnfm.vnfs().await?;
    let busy = busy(core, &services).await?;
    Ok(compare(&holdings, &claims(&services, &vnfs), &busy))
}

async fn holdings(core: &Core) -> Result<Vec<Holding>> {
    let mut holdings = Vec::new();
    for vim in all(core).await? {
        let vim = vim.document;
        let owned = match core.connector.connect(&vim).owned().await {
            Ok(owned) => Some(owned),
            Err(error) if error.is_transient() => None,
            Err(error) => return Err(error.into()),
        };
        holdings.push(Holding { vim, owned });
    }
    Ok(holdings)
}

/// Instances at which an operation is at work: what they have is about to be recorded, or to go.
async fn busy(core: &Core, services: &[NsInstance]) -> Result<BTreeSet<String>> {
    let at_vnfm = core.vnfm.all_unfinished().await?;
    let mut busy: BTreeSet<String> = at_vnfm.into_iter().map(|one| one.vnf_instance_id).collect();
    for ns in services {
        if operations::unfinished(core, ns.id).await?.is_some() {
            busy.insert(ns.id.to_string());
        }
    }
    Ok(busy)
}

fn claims(services: &[NsInstance], vnfs: &[VnfInstance]) -> BTreeSet<Claim> {
    services.iter().flat_map(ns_claims).chain(vnfs.iter().flat_map(vnf_claims)).collect()
}

fn ns_claims(ns: &NsInstance) -> Vec<Claim> {
    let links = ns.instantiated.iter().flat_map(|running| &running.links);
    links
        .map(|link| Claim {
            kind: OwnedKind::Network,
            id: link.network.to_string(),
            vim: link.vim.to_string(),
            owner: ns.id.to_string(),
        })
        .collect()
}

fn vnf_claims(vnf: &VnfInstance) -> Vec<Claim> {
    let Some(info) = &vnf.instantiated_vnf_info else { return Vec::new() };
    let machines = info.vnfc_resource_info.iter().map(|one| (OwnedKind::Vm, &one.compute_resource));
    let links = &info.vnf_virtual_link_resource_info;
    let networks = links.iter().map(|one| (OwnedKind::Network, &one.network_resource));
    let storages = &info.virtual_storage_resource_info;
    let volumes = storages.iter().map(|one| (OwnedKind::Volume, &one.storage_resource));
    machines
        .chain(networks)
        .chain(volumes)
        .map(|(kind, handle)| Claim {
            kind,
            id: handle.resource_id.clone(),
            vim: handle.vim_connection_id.clone().unwrap_or_default(),
            owner: vnf.id.clone(),
        })
        .collect()
}

fn compare(holdings: &[Holding], claims: &BTreeSet<Claim>, busy: &BTreeSet<String>) -> AuditReport {
    let mut report = AuditReport::default();
    for Holding { vim, owned } in holdings {
        let answers = |state: HostState| owned.is_some() && state == HostState::Reachable;
        let silent = vim.hosts.iter().filter(|host| !answers(host.state));
        report.unreachable.extend(silent.map(|host| host.name.clone()));

        let owned = owned.as_deref().unwrap_or_default();
        let lost = |one: &&Owned| !is_claimed(one, claims) && !busy.contains(&owner(one));
        report.orphans.extend(owned.iter().filter(lost).map(|one| orphan(vim, one)));

        // Behind a host that does not answer there may be what seems to be missing.
        if vim.hosts.iter().all(|host| answers(host.state)) {
            let id = vim.id.to_string();
            let here = claims.iter().filter(|claim| claim.vim == id);
            let gone = here.filter(|claim| !is_there(claim, owned) && !busy.contains(&claim.owner));
            report.missing.extend(gone.map(missing));
        }
    }
    report
}

/// The seed and the console log of a machine are volumes that carry the machine's id.
fn is_claimed(owned: &Owned, claims: &BTreeSet<Claim>) -> bool {
    let fits = |kind: OwnedKind| {
        kind == owned.kind || (kind, owned.kind) == (OwnedKind::Vm, OwnedKind::Volume)
    };
    claims.iter().any(|claim| claim.id == owned.id && fits(claim.kind))
}

fn is_there(claim: &Claim, owned: &[Owned]) -> bool {
    owned.iter().any(|one| one.kind == claim.kind && one.id == claim.id)
}

fn owner(owned: &Owned) -> String {
    match owned.tag.owner {
        Owner::Vnf(id) => id.to_string(),
        Owner::Ns(id) => id.to_string(),
    }
}

fn orphan(vim: &Vim, owned: &Owned) -> OrphanResource {
    let host = vim.hosts.iter().find(|host| host.id == owned.host);
    OrphanResource {
        vim_id: vim.id.to_string(),
        host: host.map(|host| host.name.clone()),
        resource_type: resource_type(owned.kind),
        resource_id: owned.id.clone(),
        name: Some(owned.name.clone()),
        instance_id: Some(owner(owned)),
        operation_id: Some(owned.tag.operation.to_string()),
    }
}

fn missing(claim: &Claim) -> MissingResource {
    MissingResource {
        vim_id: claim.vim.clone(),
        host: None,
        resource_type: resource_type(claim.kind),
        resource_id: claim.id.clone(),
        instance_id: claim.owner.clone(),
    }
}

fn resource_type(kind: OwnedKind) -> ResourceType {
    match kind {
        OwnedKind::Vm => ResourceType::Compute,
        OwnedKind::Volume => ResourceType::Storage,
        OwnedKind::Network => ResourceType::Vl,
    }
}

#[cfg(test)]
mod tests {
    use windlass_model::{
        Accelerator, Capacity, Host, HostId, NsInstanceId, OperationId, Tag, VimId, VimKind,
    };

    use super::*;

    fn site(state: HostState) -> Vim {
        let host = Host {
            id: HostId::new(),
            name: "host-a".to_owned(),
            zone: "zone-1".to_owned(),
            uri: "sim:audit".to_owned(),
            bridge: "br0".to_owned(),
            vlans: None,
            drained: false,
            state,
            problem: None,
            capacity: Capacity::default(),
            accelerator: Accelerator::Tcg,
        };
        let (id, name) = (VimId::new(), "lab".to_owned());
        Vim { id, name, kind: VimKind::Sim, hosts: vec![host] }
    }

    fn network(vim: &Vim, ns: NsInstanceId, id: &str) -> Owned {
        let (operation, name) = (OperationId::new(), "lan".to_owned());
        Owned {
            host: vim.hosts[0].id,
            kind: OwnedKind::Network,
            id: id.to_owned(),
            name: name.clone(),
            tag: Tag { owner: Owner::Ns(ns), operation, name },
        }
    }

    fn claim(vim: &Vim, ns: NsInstanceId, id: &str) -> Claim {
        let (vim, owner) = (vim.id.to_string(), ns.to_string());
        Claim { kind: OwnedKind::Network, id: id.to_owned(), vim, owner }
    }

    #[test]
    fn what_nobody_owns_is_an_orphan_and_what_no_vim_has_is_missing() {
        let (vim, ns) = (site(HostState::Reachable), NsInstanceId::new());
        let owned = Some(vec![network(&vim, ns, "kept"), network(&vim, ns, "left")]);
        let claims = [claim(&vim, ns, "kept"), claim(&vim, ns, "gone")].into();
        let report = compare(&[Holding { vim, owned }], &claims, &BTreeSet::new());
        let orphans: Vec<_> = report.orphans.iter().map(|one| one.resource_id.as_str()).collect();
        let missing: Vec<_> = report.missing.iter().map(|one| one.resource_id.as_str()).collect();
        assert_eq!((orphans, missing), (vec!["left"], vec!["gone"]));
        assert!(report.unreachable.is_empty());
    }

    #[test]
    fn nothing_is_said_of_what_is_being_made_nor_of_a_host_that_is_silent() {
        let (vim, ns) = (site(HostState::Unreachable), NsInstanceId::new());
        let owned = Some(vec![network(&vim, ns, "new")]);
        let claims = [claim(&vim, NsInstanceId::new(), "unknown")].into();
        let report = compare(&[Holding { vim, owned }], &claims, &[ns.to_string()].into());
        assert!(report.orphans.is_empty() && report.missing.is_empty());
        assert_eq!(report.unreachable, ["host-a"]);
    }
}
