//! Plans are pure: the same VNF, request and grant give the same plan, written down here as text.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on stops here")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use chrono::DateTime;
use proptest::prelude::*;
use uuid::Uuid;
use windlass_descriptors::vnfd::{Flavour, Vnfd};
use windlass_descriptors::{Texts, read_vnfd_texts};
use windlass_lcm::{Node, Plan, Progress, StepEvent, StepEventKind};
use windlass_model::vnf::{ExternalCp, ExternalLink, InstantiatedVnf, Product, VnfInstance};
use windlass_model::{HostId, ImageDigest, NetworkId, OperationId, VimId, VnfInstanceId};
use windlass_vnfm::plan::build::{Build, removal};
use windlass_vnfm::plan::grant::{Granted, Place};
use windlass_vnfm::plan::notes::reflect;
use windlass_vnfm::plan::sizing::{self, Sizing};
use windlass_vnfm::plan::{Notes, PlanError};

fn example(package: &str) -> Vnfd {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../descriptors/examples/edge-web");
    let file = root.join(package).join(format!("Definitions/{package}.vnfd.yaml"));
    let text = std::fs::read_to_string(file).unwrap();
    // The pack script fills these in; a plan needs none of it.
    let hash = "0".repeat(64);
    let mut filled = String::new();
    for line in text.lines() {
        let line = match line.find("\"@sha256:") {
            Some(at) => format!("{}{hash} }}", &line[..at]),
            None => line.to_owned(),
        };
        let line = match line.find("\"@bytes:") {
            Some(at) => format!("{}4 MiB", &line[..at]),
            None => line,
        };
        writeln!(filled, "{line}").unwrap();
    }
    let reading =
        read_vnfd_texts(Texts::from_iter([("Definitions/vnfd.yaml", filled.into_bytes())]));
    let errors: Vec<String> = reading.errors().map(ToString::to_string).collect();
    reading.value.unwrap_or_else(|| panic!("{errors:?}"))
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

const OPERATION: OperationId = OperationId(Uuid::from_u128(7));

fn vnf(name: &str) -> VnfInstance {
    VnfInstance {
        id: VnfInstanceId(id(1)),
        name: name.to_owned(),
        description: String::new(),
        product: Product { vnfd_id: "vnfd".to_owned(), ..Product::default() },
        configurable_properties: BTreeMap::new(),
        metadata: BTreeMap::new(),
        extensions: BTreeMap::new(),
        created_at: DateTime::UNIX_EPOCH,
        instantiated: None,
    }
}

/// A grant that spreads the components over two hosts.
fn granted(sizing: &Sizing, flavour: &Flavour) -> Granted {
    let hosts = ["host-a", "host-b"];
    let place = |number: usize| Place {
        vim: VimId(id(100)),
        host: HostId(id(200 + (number % 2) as u128)),
        host_name: hosts[number % 2].to_owned(),
        zone: "zone-1".to_owned(),
        numa_node: None,
    };
    let places = sizing.add.iter().enumerate().map(|(n, new)| (new.name.clone(), place(n)));
    let on_vdus = flavour.vdus.values().filter_map(|vdu| vdu.compute()?.image.as_ref());
    let on_storages = flavour.storages.values().filter_map(|storage| storage.image.as_ref());
    let images = on_vdus.chain(on_storages).map(|image| {
        let half = Uuid::new_v5(&id(9), image.id.as_bytes()).simple().to_string();
        let digest = ImageDigest::try_from(half.repeat(2)).unwrap();
        (image.id.clone(), digest)
    });
    Granted {
        id: "grant-1".to_owned(),
        vims: vec![],
        places: places.collect(),
        images: images.collect(),
    }
}

fn link(name: &str, cpd: &str, number: u128, addresses: &[&str]) -> ExternalLink {
    ExternalLink {
        id: name.to_owned(),
        vim: VimId(id(100)),
        network: NetworkId(id(number)),
        cidr: Some(format!("10.20.{}.0/24", number - 300).parse().unwrap()),
        gateway: Some(format!("10.20.{}.1", number - 300).parse().unwrap()),
        mtu: None,
        cps: vec![ExternalCp {
            cpd: cpd.to_owned(),
            addresses: addresses.iter().map(|a| a.parse().unwrap()).collect(),
        }],
    }
}

fn build(
    vnf: &VnfInstance,
    flavour: &Flavour,
    start: InstantiatedVnf,
    sizing: &Sizing,
) -> Result<Plan, PlanError> {
    let build = Build {
        operation: OPERATION,
        vnf,
        flavour,
        granted: &granted(sizing, flavour),
        outside: &BTreeMap::new(),
        images: &BTreeMap::new(),
        parameters: &BTreeMap::new(),
        grace_s: 30,
    };
    build.plan(start, sizing)
}

fn first(
    package: &str,
    links: Vec<ExternalLink>,
    level: Option<&str>,
) -> (VnfInstance, Vnfd, Plan) {
    let vnfd = example(package);
    let vnf = vnf(package);
    let flavour = vnfd.flavours.first().unwrap();
    let sizing = sizing::first(flavour, level).unwrap();
    let start = InstantiatedVnf {
        flavour: flavour.id.as_str().to_owned(),
        started: true,
        external_links: links,
        ..InstantiatedVnf::default()
    };
    let plan = build(&vnf, flavour, start, &sizing).unwrap();
    (vnf, vnfd, plan)
}

fn notes(plan: &Plan) -> Notes {
    serde_json::from_value(plan.notes.clone()).unwrap()
}

/// A plan as people read it.
fn text(plan: &Plan) -> String {
    let mut text = String::new();
    for node in &plan.nodes {
        let after =
            if node.after.is_empty() { "at once".to_owned() } else { node.after.join(", ") };
        writeln!(text, "{}\n    {}\n    after: {after}", node.id, node.about).unwrap();
        let nics = node.input["spec"]["nics"].as_array();
        for nic in nics.into_iter().flatten() {
            let (name, address) = (&nic["name"], &nic["address"]);
            writeln!(text, "    card {name}: {address}, router {}", nic["gateway"]).unwrap();
        }
    }
    text
}

fn service_link() -> ExternalLink {
    link("service", "service", 302, &["10.20.2.100", "10.20.2.101", "10.20.2.102"])
}

#[test]
fn a_web_server_gets_a_volume_on_its_image_and_an_address_of_its_range() {
    let (.., plan) = first("web", vec![service_link()], None);
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn a_client_boots_a_kernel_without_a_disk() {
    let access = link("access", "access", 301, &["10.20.1.100"]);
    let (.., plan) = first("client", vec![access], None);
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn a_router_has_both_gateway_addresses_and_needs_no_router_itself() {
    let links = vec![
        link("access", "access", 301, &["10.20.1.1"]),
        link("service", "service", 302, &["10.20.2.1"]),
    ];
    let (.., plan) = first("router", links, None);
    insta::assert_snapshot!(text(&plan));
}

/// The VNF when every node of its plan is done.
fn done(vnf: &VnfInstance, plan: &Plan) -> VnfInstance {
    reflect(vnf, &notes(plan), &Progress::replay(plan, &[]), true)
}

#[test]
fn scaling_out_adds_the_next_number_and_scaling_in_takes_the_youngest() {
    let (vnf, vnfd, plan) = first("web", vec![service_link()], None);
    let vnf = done(&vnf, &plan);
    let now = vnf.instantiated.clone().unwrap();
    let flavour = &vnfd.flavours[0];
    let out = sizing::by_steps(flavour, &now, "web", 2, true).unwrap();
    let names: Vec<&str> = out.add.iter().map(|new| new.name.as_str()).collect();
    assert_eq!(names, ["web-1", "web-2"]);
    let plan = build(&vnf, flavour, now, &out).unwrap();
    insta::assert_snapshot!(text(&plan));

    let vnf = done(&vnf, &plan);
    let now = vnf.instantiated.clone().unwrap();
    let back = sizing::by_steps(flavour, &now, "web", 1, false).unwrap();
    assert_eq!(back.remove.iter().map(|vnfc| vnfc.name.as_str()).collect::<Vec<_>>(), ["web-2"]);
    assert!(matches!(
        sizing::by_steps(flavour, &now, "web", 3, false),
        Err(PlanError::BelowZero { .. })
    ));
    assert!(sizing::by_steps(flavour, &now, "web", 1, true).is_err(), "beyond the highest level");
}

#[test]
fn a_healed_component_comes_after_its_predecessor_is_gone_and_keeps_its_addresses() {
    let (vnf, vnfd, plan) = first("web", vec![service_link()], None);
    let vnf = done(&vnf, &plan);
    let now = vnf.instantiated.clone().unwrap();
    let sick = now.vnfcs[0].clone();
    let again = sizing::NewVnfc { name: sick.name.clone(), vdu: sick.vdu.clone() };
    let sizing = Sizing {
        scale_levels: now.scale_levels.clone(),
        add: vec![again],
        remove: vec![sick.clone()],
        ..Sizing::default()
    };
    let healing = Build {
        operation: OperationId(id(8)),
        vnf: &vnf,
        flavour: &vnfd.flavours[0],
        granted: &granted(&sizing, &vnfd.flavours[0]),
        outside: &BTreeMap::new(),
        images: &BTreeMap::new(),
        parameters: &BTreeMap::new(),
        grace_s: 30,
    };
    let plan = healing.plan(now, &sizing).unwrap();
    let define = plan.nodes.iter().find(|node| node.id == "define_vm/web-0").unwrap();
    assert!(define.after.contains(&"delete_vm/web-0".to_owned()), "{:?}", define.after);
    let healed = &notes(&plan).target.unwrap().vnfcs[0];
    assert_eq!(healed.cps, sick.cps);
    assert_ne!(healed.vm, sick.vm);
    assert_ne!(healed.volumes, sick.volumes);
}

#[test]
fn a_component_on_a_host_that_does_not_answer_is_left_there_and_made_elsewhere() {
    let (vnf, vnfd, plan) = first("web", vec![service_link()], None);
    let vnf = done(&vnf, &plan);
    let now = vnf.instantiated.clone().unwrap();
    let lost = now.vnfcs[0].clone();
    let again = sizing::NewVnfc { name: lost.name.clone(), vdu: lost.vdu.clone() };
    let sizing = Sizing {
        scale_levels: now.scale_levels.clone(),
        add: vec![again],
        lost: [lost.host].into(),
        remove: vec![lost],
    };
    let plan = build(&vnf, &vnfd.flavours[0], now, &sizing).unwrap();
    let touched = ["stop_vm", "delete_vm", "delete_volume"];
    assert!(plan.nodes.iter().all(|node| !touched.contains(&node.step.as_str())), "{plan:?}");
    assert!(plan.nodes.iter().any(|node| node.id == "define_vm/web-0"));
    assert_eq!(notes(&plan).target.unwrap().vnfcs.len(), 1);
}

#[test]
fn a_component_whose_volume_is_left_is_shown_until_the_volume_is_gone() {
    let (vnf, _, plan) = first("web", vec![service_link()], None);
    let vnf = done(&vnf, &plan);
    let plan = removal(vnf.instantiated.as_ref().unwrap(), &Granted::default(), 30);
    let event = |node: &Node| StepEvent {
        node: node.id.clone(),
        at: DateTime::UNIX_EPOCH,
        kind: StepEventKind::Done { output: serde_json::Value::Null },
    };
    let left = |stubborn: &str| {
        let gone = plan.nodes.iter().filter(|node| node.step != stubborn);
        let log: Vec<StepEvent> = gone.map(event).collect();
        let shown = reflect(&vnf, &notes(&plan), &Progress::replay(&plan, &log), false);
        shown.instantiated.map(|instantiated| instantiated.vnfcs.len())
    };
    assert_eq!(left("delete_volume"), Some(1), "somebody must still remove the volume");
    assert_eq!(left("delete_network"), Some(0));
}

#[test]
fn a_host_that_came_late_gets_the_external_network_before_the_machine() {
    let vnfd = example("web");
    let vnf = vnf("web");
    let flavour = &vnfd.flavours[0];
    let sizing = sizing::first(flavour, None).unwrap();
    let link = service_link();
    let spec = windlass_vim::NetworkSpec {
        id: link.network,
        tag: windlass_model::Tag {
            owner: windlass_model::Owner::Ns(windlass_model::NsInstanceId(id(5))),
            operation: OperationId(id(6)),
            name: "service".to_owned(),
        },
        cidr: link.cidr.unwrap(),
        gateway: link.gateway,
        mtu: None,
    };
    let elsewhere = vec![HostId(id(201))];
    let network = windlass_vim::Network { spec, vlan: None, hosts: elsewhere };
    let build = Build {
        operation: OPERATION,
        vnf: &vnf,
        flavour,
        granted: &granted(&sizing, flavour),
        outside: &BTreeMap::from([(link.network, network)]),
        images: &BTreeMap::new(),
        parameters: &BTreeMap::new(),
        grace_s: 30,
    };
    let start = InstantiatedVnf { external_links: vec![link], ..InstantiatedVnf::default() };
    let plan = build.plan(start, &sizing).unwrap();
    let define = plan.nodes.iter().find(|node| node.id == "define_vm/web-0").unwrap();
    assert!(define.after.contains(&"extend_network/service".to_owned()), "{:?}", define.after);
}

#[test]
fn a_range_that_is_used_up_is_said_with_the_component_that_finds_none() {
    let vnfd = example("web");
    let vnf = vnf("web");
    let flavour = &vnfd.flavours[0];
    let sizing = sizing::first(flavour, Some("large")).unwrap();
    let start = InstantiatedVnf {
        external_links: vec![link("service", "service", 302, &["10.20.2.100"])],
        ..InstantiatedVnf::default()
    };
    let error = build(&vnf, flavour, start, &sizing).unwrap_err().to_string();
    assert!(error.contains("web-1") && error.contains("no free address"), "{error}");
}

#[test]
fn a_vdu_without_an_image_is_refused_with_what_would_run_it() {
    let mut vnfd = example("web");
    let flavour = &mut vnfd.flavours[0];
    for vdu in flavour.vdus.values_mut() {
        if let windlass_descriptors::vnfd::VduKind::Compute(compute) = &mut vdu.kind {
            compute.image = None;
        }
    }
    let sizing = sizing::first(flavour, None).unwrap();
    let error = build(&vnf("web"), flavour, InstantiatedVnf::default(), &sizing).unwrap_err();
    assert!(error.to_string().contains("Kubernetes"), "{error}");
}

#[test]
fn a_termination_removes_everything_that_was_made() {
    let (vnf, _, plan) = first("web", vec![service_link()], Some("large"));
    let made = done(&vnf, &plan).instantiated.unwrap();
    let plan = removal(&made, &Granted::default(), 30);
    let ids: BTreeSet<&str> = plan.nodes.iter().map(|node| node.id.as_str()).collect();
    for vnfc in &made.vnfcs {
        assert!(ids.contains(format!("delete_vm/{}", vnfc.name).as_str()));
        for volume in &vnfc.volumes {
            let node = format!("delete_volume/{}/{}", vnfc.name, volume.storage);
            assert!(ids.contains(node.as_str()), "{node}");
        }
    }
    assert_eq!(done(&vnf, &plan).instantiated, None);
}

proptest! {
    /// Wherever an instantiation stops, the VNF shows every component that may exist, and when
    /// everything is undone it shows none.
    #[test]
    fn what_may_exist_is_shown(started in proptest::collection::vec(any::<bool>(), 32)) {
        let (vnf, _, plan) = first("web", vec![service_link()], Some("large"));
        let event = |node: &str, kind| StepEvent {
            node: node.to_owned(), at: DateTime::UNIX_EPOCH, kind,
        };
        let touched: Vec<&str> = plan.nodes.iter().zip(&started)
            .filter(|(_, touched)| **touched).map(|(node, _)| node.id.as_str()).collect();
        let mut log: Vec<StepEvent> =
            touched.iter().map(|node| event(node, StepEventKind::Started)).collect();
        let shown = reflect(&vnf, &notes(&plan), &Progress::replay(&plan, &log), false);
        let shown: BTreeSet<String> = shown.instantiated.into_iter()
            .flat_map(|i| i.vnfcs).map(|vnfc| vnfc.name).collect();
        let real: BTreeSet<String> = touched.iter()
            .filter_map(|node| node.strip_prefix("define_vm/").or(node.strip_prefix("ensure_volume/")))
            .filter_map(|name| name.split('/').next()).map(str::to_owned).collect();
        prop_assert_eq!(shown, real);

        log.extend(touched.iter().map(|node| event(node, StepEventKind::Undone)));
        let undone = reflect(&vnf, &notes(&plan), &Progress::replay(&plan, &log), false);
        prop_assert_eq!(undone, vnf);
    }
}
