//! Nouns for the stories.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use windlass_lcm::{NewOperation, Node, Plan, StepEvent, StepEventKind, Subject};
use windlass_model::ns::NsInstance;
use windlass_model::package::OnboardingState;
use windlass_model::vnf::{Product, VnfInstance};
use windlass_model::{
    Accelerator, Capacity, Host, HostId, HostState, NsInstanceId, NsdInfoId, OperationId, Vim,
    VimId, VimKind, VnfInstanceId, VnfPackageId,
};
use windlass_store::{NsdRecord, Onboarding, VnfPackageRecord};

/// The moment `seconds` after the stories begin.
pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

pub fn vnf(name: &str) -> VnfInstance {
    VnfInstance {
        id: VnfInstanceId::new(),
        name: name.to_owned(),
        description: String::new(),
        product: product("vnfd-firewall"),
        configurable_properties: BTreeMap::new(),
        metadata: BTreeMap::new(),
        extensions: BTreeMap::new(),
        created_at: at(0),
        instantiated: None,
    }
}

pub fn product(vnfd_id: &str) -> Product {
    Product { vnfd_id: vnfd_id.to_owned(), ..Product::default() }
}

pub fn ns(name: &str, nsd_info: NsdInfoId) -> NsInstance {
    NsInstance {
        id: NsInstanceId::new(),
        name: name.to_owned(),
        description: String::new(),
        nsd_id: "nsd-edge".to_owned(),
        nsd_info,
        created_at: at(0),
        instantiated: None,
    }
}

pub fn package() -> VnfPackageRecord {
    let onboarding = Onboarding::created(BTreeMap::new(), at(0));
    VnfPackageRecord::created(VnfPackageId::new(), onboarding)
}

pub fn onboarded(mut package: VnfPackageRecord, vnfd_id: &str) -> VnfPackageRecord {
    package.onboarding.state = OnboardingState::Onboarded;
    package.product = Some(product(vnfd_id));
    package
}

pub fn nsd() -> NsdRecord {
    NsdRecord::created(NsdInfoId::new(), Onboarding::created(BTreeMap::new(), at(0)))
}

pub fn vim(name: &str) -> Vim {
    let host = Host {
        id: HostId::new(),
        name: "host-a".to_owned(),
        zone: "zone-1".to_owned(),
        uri: "sim:host-a".to_owned(),
        bridge: "br0".to_owned(),
        vlans: Some((100, 199)),
        drained: false,
        state: HostState::Reachable,
        problem: None,
        capacity: room(8),
        accelerator: Accelerator::Kvm,
    };
    Vim { id: VimId::new(), name: name.to_owned(), kind: VimKind::Sim, hosts: vec![host] }
}

pub fn room(vcpus: u32) -> Capacity {
    Capacity { vcpus, memory_mib: 1024, storage_gib: 10, numa: vec![] }
}

pub fn about(subject: &Subject, kind: &str) -> NewOperation {
    NewOperation {
        id: OperationId::new(),
        kind: kind.to_owned(),
        subject: subject.clone(),
        generation: None,
        params: json!({"flavourId": "default"}),
        automatic: false,
    }
}

pub fn plan() -> Plan {
    let mut plan = Plan::default();
    plan.nodes.push(Node {
        id: "start_vm/web-0".to_owned(),
        step: "start_vm".to_owned(),
        about: "start web-0".to_owned(),
        input: json!({"vm": "web-0"}),
        after: vec![],
    });
    plan
}

pub fn line(node: &str, seconds: i64, kind: StepEventKind) -> StepEvent {
    StepEvent { node: node.to_owned(), at: at(seconds), kind }
}
