//! What must hold, at every moment and at the end.

use std::collections::{BTreeMap, BTreeSet};

use windlass_client::ListOptions;
use windlass_model::{HostId, VnfInstanceId};

use crate::history::History;
use crate::operator::unfinished;

const ALL: usize = 10_000;

/// One operation at a time for each instance, and generations only grow.
pub async fn always(history: &mut History) {
    if let Ok(open) = history.world.nfvo.operator.ns_operation_list(&unfinished()).await {
        let instances: BTreeSet<_> = open.iter().map(|one| &one.ns_instance_id).collect();
        assert_eq!(instances.len(), open.len(), "two operations at once: {open:?}");
    }
    if let Ok(open) = history.world.vnfm.operator.vnf_operation_list(&unfinished()).await {
        let instances: BTreeSet<_> = open.iter().map(|one| &one.vnf_instance_id).collect();
        assert_eq!(instances.len(), open.len(), "two operations at once: {open:?}");
    }
    let services = history.world.nfvo.store.ns_instances().list(None, ALL).await.unwrap();
    for ns in services {
        let seen = history.generations.0.insert(ns.document.id, ns.generation);
        assert!(seen.is_none_or(|seen| seen <= ns.generation), "a service went back in time");
    }
    let vnfs = history.world.vnfm.store.vnf_instances().list(None, ALL).await.unwrap();
    for vnf in vnfs {
        let seen = history.generations.1.insert(vnf.document.id, vnf.generation);
        assert!(seen.is_none_or(|seen| seen <= vnf.generation), "a VNF went back in time");
    }
}

/// Every resource has an owner, every owner its resources, and the NFVO's books say what VNFs hold.
pub async fn at_rest(history: &mut History) {
    always(history).await;
    let vim = history.world.vim.to_string();
    let nfvo = history.world.nfvo.operator.clone();
    nfvo.vim_probe(&vim).await.unwrap();
    let audit = nfvo.audit().await.unwrap();
    assert!(audit.unreachable.is_empty(), "{audit:?}");
    assert!(audit.orphans.is_empty(), "resources without an owner: {audit:?}");
    let given_up = given_up(history).await;
    let missing = audit.missing.iter().filter(|one| !given_up.contains(&one.instance_id));
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "owners without their resources: {missing:?}");
    assert_eq!(
        booked(history).await,
        held(history).await,
        "what the NFVO booked, and what is held"
    );
}

/// Instances with an operation that was given up: what was in doubt then is on record as theirs.
async fn given_up(history: &History) -> BTreeSet<String> {
    let failed = ListOptions::default().filtered("(eq,operationState,FAILED)");
    let world = &history.world;
    let of_services = world.nfvo.operator.ns_operation_list(&failed).await.unwrap();
    let of_vnfs = world.vnfm.operator.vnf_operation_list(&failed).await.unwrap();
    let of_services = of_services.into_iter().map(|one| one.ns_instance_id);
    of_services.chain(of_vnfs.into_iter().map(|one| one.vnf_instance_id)).collect()
}

/// What each component takes on each host, says the NFVO.
async fn booked(history: &History) -> BTreeMap<(VnfInstanceId, String, HostId), u32> {
    let room = history.world.nfvo.store.allocations().room().await.unwrap();
    let entry = |one: windlass_store::Allocation| ((one.vnf, one.vnfc, one.host), one.takes.vcpus);
    room.allocations.into_iter().map(entry).collect()
}

/// What each component takes on each host, says the VNFM.
async fn held(history: &History) -> BTreeMap<(VnfInstanceId, String, HostId), u32> {
    let vnfs = history.world.vnfm.store.vnf_instances().list(None, ALL).await.unwrap();
    let mut held = BTreeMap::new();
    for vnf in vnfs {
        for vnfc in vnf.document.instantiated.into_iter().flat_map(|running| running.vnfcs) {
            held.insert((vnf.document.id, vnfc.name, vnfc.host), vnfc.takes.vcpus);
        }
    }
    held
}

/// When everything was terminated, nothing is anywhere.
pub async fn nothing_left(history: &mut History) {
    at_rest(history).await;
    assert_eq!(booked(history).await, BTreeMap::new());
    let machines = history.world.cloud.machines();
    assert!(machines.is_empty(), "machines are left: {machines:?}");
    let connector = history.world.connector();
    let vim = history.world.nfvo.store.vims().get(history.world.vim).await.unwrap().document;
    let owned = connector.connect(&vim).owned().await.unwrap();
    assert!(owned.is_empty(), "left behind: {owned:?}");
    let vnfs = history.world.vnfm.operator.vnf_list(&ListOptions::default()).await.unwrap();
    assert!(vnfs.is_empty(), "identifiers are left: {vnfs:?}");
}
