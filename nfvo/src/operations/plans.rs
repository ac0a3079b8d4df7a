//! Golden plans of the edge-web service: what is done in which order, and who gets which address.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use uuid::Uuid;
use windlass_api::nslcm::TerminateNsRequest;
use windlass_descriptors::nsd::Nsd;
use windlass_descriptors::vnfd::Vnfd;
use windlass_descriptors::{Texts, read_nsd_texts, read_vnfd_texts};
use windlass_lcm::Plan;
use windlass_model::ns::{InstantiatedNs, NsInstance};
use windlass_model::{
    Accelerator, Capacity, Clock, Host, HostId, HostState, NsInstanceId, NsdInfoId, OperationId,
    SystemClock, Vim, VimId, VimKind,
};

use super::ns_instantiate::{Constituent, Design, Notes, plan as instantiate};
use super::ns_terminate::plan as terminate;
use super::proofs::example;
use super::steps::Party;

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn texts(path: &str) -> Texts {
    let is_text = |(name, _): &(String, Vec<u8>)| name.ends_with("yaml") || name.ends_with("meta");
    example::example(path).into_iter().filter(is_text).collect()
}

fn edge_web() -> (Nsd, Design) {
    let nsd = read_nsd_texts(texts("edge-web/nsd")).value.unwrap();
    let vnfds: Vec<Arc<Vnfd>> = ["router", "balancer", "web", "monitor", "client"]
        .map(|name| read_vnfd_texts(texts(&format!("edge-web/{name}"))))
        .map(|read| Arc::new(read.value.unwrap_or_else(|| panic!("{:#?}", read.findings))))
        .to_vec();
    let flavour = nsd.flavours[0].clone();
    let constituent = |profile: &windlass_descriptors::nsd::VnfProfile| {
        let vnfd = vnfds.iter().find(|vnfd| vnfd.id.as_str() == profile.vnfd_id.as_str()).unwrap();
        Constituent {
            profile: profile.clone(),
            flavour: vnfd.flavours[0].clone(),
            vnfd: Arc::clone(vnfd),
            params: Default::default(),
        }
    };
    let vnfs = flavour.vnfs.values().map(|one| (one.id.as_str().to_owned(), constituent(one)));
    let vnfs = vnfs.collect();
    (nsd, Design { flavour, level: None, vnfs })
}

fn lab() -> Vim {
    let host = |(number, name): (u128, &str)| Host {
        id: HostId(id(number)),
        name: name.to_owned(),
        zone: "zone-1".to_owned(),
        uri: format!("sim:{name}"),
        bridge: "br0".to_owned(),
        vlans: None,
        drained: false,
        state: HostState::Reachable,
        problem: None,
        capacity: Capacity::default(),
        accelerator: Accelerator::Kvm,
    };
    let hosts = [(11, "host-a"), (12, "host-b")].map(host).to_vec();
    Vim { id: VimId(id(1)), name: "lab".to_owned(), kind: VimKind::Sim, hosts }
}

fn service() -> NsInstance {
    NsInstance {
        id: NsInstanceId(id(2)),
        name: "shop".to_owned(),
        description: String::new(),
        nsd_id: String::new(),
        nsd_info: NsdInfoId(id(3)),
        created_at: SystemClock.now(),
        instantiated: None,
    }
}

/// The nodes of a plan, a line each, with what they wait for.
fn told(plan: &Plan) -> String {
    let mut text = String::new();
    for node in &plan.nodes {
        writeln!(text, "{}: {}", node.id, node.about).unwrap();
        for other in &node.after {
            writeln!(text, "    after {other}").unwrap();
        }
    }
    text
}

#[test]
fn a_service_starts_with_its_networks_and_then_in_the_order_of_its_dependencies() {
    let (_, design) = edge_web();
    let plan = instantiate(OperationId(id(4)), &service(), &design, &lab()).unwrap();
    insta::assert_snapshot!("instantiate_edge_web", told(&plan));
    let again = instantiate(OperationId(id(4)), &service(), &design, &lab()).unwrap();
    assert_eq!(plan, again, "a plan that is made twice names the same things");
}

#[test]
fn every_connection_point_gets_the_addresses_that_its_vnfcs_may_come_to_need() {
    let (_, design) = edge_web();
    let plan = instantiate(OperationId(id(4)), &service(), &design, &lab()).unwrap();
    let notes: Notes = super::decode("the notes", &plan.notes).unwrap();
    let mut text = String::new();
    for link in &notes.links {
        writeln!(text, "{} {} gateway {:?}", link.virtual_link, link.cidr, link.gateway).unwrap();
        for (point, addresses) in &link.addresses {
            writeln!(text, "    {point}: {addresses:?}").unwrap();
        }
    }
    insta::assert_snapshot!("addresses_of_edge_web", text);
}

#[test]
fn a_service_stops_in_the_opposite_order_and_its_networks_go_last() {
    let (nsd, design) = edge_web();
    let plan = instantiate(OperationId(id(4)), &service(), &design, &lab()).unwrap();
    let notes: Notes = super::decode("the notes", &plan.notes).unwrap();
    let party = |place: &String| Party {
        ns: NsInstanceId(id(2)),
        place: place.clone(),
        vnfd_id: String::new(),
        name: format!("shop-{place}"),
        vnf: Some(place.clone()),
    };
    let parties: BTreeMap<String, Party> =
        notes.places.iter().map(|place| (place.clone(), party(place))).collect();
    let running = InstantiatedNs { links: notes.links, ..InstantiatedNs::default() };
    let ns = NsInstance { instantiated: Some(running), ..service() };
    let request = TerminateNsRequest::default();
    let plan = terminate(&ns, Some(&nsd.flavours[0]), &parties, &request).unwrap();
    insta::assert_snapshot!("terminate_edge_web", told(&plan));
}
