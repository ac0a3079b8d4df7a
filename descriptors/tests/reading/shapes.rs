//! Packages of the shapes that are seen in the wild, and what is read from them.

use std::collections::BTreeMap;

use crate::common::{Zip, fixture, minimal_vnfd};
use windlass_descriptors::vnfd::{
    AffinityTarget, DigestAlgorithm, Scope, StorageKind, Text, VduKind, Vnfd,
};
use windlass_descriptors::{
    Code, Package, Reading, Severity, read_nsd_archive, read_vnf_package, read_vnfd_texts,
};

fn read(zip: Zip) -> Reading<Vnfd> {
    read_vnf_package(&mut Package::open(zip.open()).unwrap())
}

/// The VNFD of a package without errors, and the codes of its warnings.
fn vnfd(name: &str) -> (Vnfd, Vec<Code>) {
    let reading = read(fixture(name));
    let errors: Vec<_> = reading.errors().map(ToString::to_string).collect();
    assert_eq!(errors, [""; 0]);
    assert!(reading.findings.iter().all(|finding| finding.severity == Severity::Warning));
    (reading.value.unwrap(), reading.findings.iter().map(|finding| finding.code).collect())
}

#[test]
fn one_flavour_in_a_file_of_its_own() {
    let (vnfd, warnings) = vnfd("one-flavour");
    // The two scripts are named and not in the package.
    assert_eq!(warnings, [Code::MissingFile, Code::MissingFile]);
    assert_eq!(
        (vnfd.default_flavour.as_str(), vnfd.descriptor_version.as_str()),
        ("simple", "1.10")
    );
    let flavour = vnfd.flavour("simple").unwrap();
    assert_eq!(flavour.description, "A simple one");
    let start = flavour.operations["instantiate_start"].implementation.as_ref().unwrap();
    assert_eq!((start.name.as_str(), start.file.as_str()), ("script", "Scripts/manage.py"));
    assert_eq!(
        flavour.operations["terminate_end"].implementation.as_ref().unwrap().file,
        "Scripts/end.py"
    );
    assert!(!flavour.operations.contains_key("instantiate"), "it says nothing");

    let front = flavour.vdus["front"].compute().unwrap();
    assert_eq!((front.vcpus, front.memory_mib), (2, 489));
    assert_eq!(front.local_storages[0].size_bytes, 3_000_000_000);
    let image = front.image.as_ref().unwrap();
    assert_eq!(image.checksum.as_ref().unwrap().algorithm, DigestAlgorithm::Sha256);
    let boot = front.boot_data.as_ref().unwrap().content.as_ref().unwrap().content.clone();
    assert_eq!(boot, Some(Text::Input { get_input: "greeting".to_owned() }));
    assert_eq!(flavour.inputs.keys().collect::<Vec<_>>(), ["greeting"]);

    let rule = &flavour.affinity_rules[0];
    assert_eq!(
        (rule.scope, &rule.targets[..]),
        (Scope::NfviNode, &[AffinityTarget::Group("all".into())][..])
    );
    assert_eq!(flavour.placement_groups["all"].members.len(), 2);
    let subnet = flavour.virtual_links["inside"].profile.subnet().unwrap();
    assert_eq!((subnet.cidr.as_str(), subnet.dhcp_enabled), ("192.168.7.0/24", Some(true)));
    assert_eq!(flavour.virtual_links["inside"].profile.segment().unwrap().mtu_bytes, Some(1400));
}

#[test]
fn sizes_come_from_levels_and_steps() {
    let (vnfd, _) = vnfd("one-flavour");
    let flavour = vnfd.flavour("simple").unwrap();
    let fronts = |level: Option<&str>| flavour.initial_counts(level).unwrap()["front"];
    assert_eq!((fronts(None), fronts(Some("small")), fronts(Some("large"))), (1, 1, 3));
    assert_eq!(flavour.levels_of(Some("large")).unwrap()["fronts"], 2);
    assert_eq!(flavour.max_scale_level("fronts"), Ok(2));
    assert_eq!(flavour.instantiation_levels["large"].link_bitrates["inside"].root_bps, 2_000_000);
    let unknown = flavour.initial_counts(Some("huge")).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "there is no instantiation level `huge`; the flavour has large, small"
    );
    let beyond = flavour.counts_at(&BTreeMap::from([("fronts".into(), 3)])).unwrap_err();
    assert_eq!(beyond.to_string(), "aspect `fronts` has no level 3: the highest is 2");
}

#[test]
fn two_flavours_expose_their_connection_points_in_two_ways() {
    let (vnfd, warnings) = vnfd("two-flavours");
    assert_eq!(warnings, []);
    let steady = vnfd.flavour("steady").unwrap();
    let way_in = steady.ext_cp("outside").unwrap();
    assert_eq!(way_in.cp.id, "way_in");
    assert_eq!(way_in.internal_virtual_link.as_ref().unwrap(), &"inside");

    let elastic = vnfd.flavour("elastic").unwrap();
    let exposed = elastic.ext_cp("outside").unwrap();
    assert_eq!(exposed.exposes.as_ref().unwrap(), &"server_outside");
    assert_eq!(elastic.ext_cp("server_outside"), Some(exposed));
    let order: Vec<_> =
        elastic.interfaces_of("server").iter().map(|cp| cp.cp.id.as_str()).collect();
    assert_eq!(order, ["server_outside", "server_inside"]);

    // Two, one, and the last step again.
    let at =
        |level| elastic.counts_at(&BTreeMap::from([("servers".into(), level)])).unwrap()["server"];
    assert_eq!([at(0), at(1), at(2), at(3)], [0, 2, 3, 4]);
    let unknown = vnfd.flavour("heavy").unwrap_err();
    assert_eq!(unknown.known, ["steady", "elastic"]);
}

#[test]
fn containers_before_release_4_are_machines_of_no_size() {
    let (vnfd, warnings) = vnfd("chart");
    // The requirement mapped to nothing, and the chart that is not in the package.
    assert_eq!(warnings, [Code::NoEffect, Code::MissingFile]);
    let pods = &vnfd.flavours[0].vdus["pods"];
    assert_eq!((pods.max_instances, pods.compute().unwrap().vcpus), (3, 0));
    let mut package = Package::open(fixture("chart").open()).unwrap();
    let meta = package.tosca_meta().unwrap().unwrap();
    assert_eq!(meta.entry_definitions(), Some("Definitions/top.vnfd.yaml"));
    assert_eq!(meta.files[1]["Name"], "Files/deployment.yaml");
}

#[test]
fn containers_of_release_4() {
    let (vnfd, warnings) = vnfd("containers");
    assert_eq!(warnings, [Code::MissingFile], "the chart is not in the package");
    let flavour = &vnfd.flavours[0];
    let VduKind::Containers(unit) = &flavour.vdus["pod"].kind else { panic!("not containers") };
    assert_eq!(unit.mcio_type.as_deref(), Some("Deployment"));
    let server = &unit.containers[0];
    assert_eq!(
        (server.requested_cpu_millis, server.memory_limit_bytes),
        (Some(500), Some(128 << 20))
    );
    assert_eq!(server.extended_resources["example.com/accelerator"], 2);
    assert_eq!(server.images[0].file.as_deref(), Some("https://registry.example.com/server:1.0"));
    assert_eq!(flavour.virtual_cps["service"].ports[0].port, 80);
    assert_eq!(flavour.mciops["chart"].vdus, ["pod"]);
    assert!(!flavour.storages["data"].per_vnfc_instance);
    assert!(matches!(
        flavour.storages["data"].kind,
        StorageKind::Block { size_bytes: 1_073_741_824, .. }
    ));
    assert_eq!(flavour.modifiable_attributes.extensions["colour"], "blue");
    let timeout = flavour.lcm_operations_configuration.min_graceful_termination_timeout_ms;
    assert_eq!(timeout, Some(90_000));
    assert_eq!(flavour.initial_counts(None).unwrap()["pod"], 2);
    assert_eq!(flavour.security_group_rules[0].protocol, "tcp");
}

#[test]
fn a_composite_network_service() {
    let reading = read_nsd_archive(&mut Package::open(fixture("composite").open()).unwrap());
    assert_eq!(reading.findings, []);
    let nsd = reading.value.unwrap();
    assert_eq!((nsd.name.as_str(), nsd.version.as_str()), ("composite", "2.10"));
    let flavour = nsd.flavour("full").unwrap();
    assert_eq!(flavour.nested["inner"].instantiation_level.as_ref().unwrap(), &"low");
    assert_eq!(flavour.pnfs["switch"].connections[0].virtual_link, "network");
    let store = &flavour.vnfs["store"];
    assert_eq!((store.connections[0].cp.as_str(), store.max_instances), ("virtual_link_1", 3));
    assert_eq!(store.version_dependencies[0].alternatives.len(), 1);
    assert_eq!(flavour.vnfs["cache"].flavour_id.as_ref().unwrap(), &"steady");
    let waves: Vec<Vec<&str>> = flavour
        .start_waves()
        .iter()
        .map(|wave| wave.iter().map(|id| id.as_str()).collect())
        .collect();
    assert_eq!(waves, [vec!["store"], vec!["cache"]]);
    assert_eq!(flavour.virtual_links["network"].profile.qos.unwrap().latency_us, 5_000);
    let path = &flavour.vnffgs["graph"].paths[0];
    assert_eq!(path.rules[0].destination_ports, Some((80, 80)));
    assert_eq!(path.positions[0].elements, [["into_store"]]);

    let counts = |level| flavour.initial_counts(level).unwrap();
    assert_eq!((counts(None)["store"], counts(Some("high"))["store"]), (1, 2));
    assert_eq!(counts(Some("high"))["inner"], 2);
    let scaled = flavour.counts_at(&BTreeMap::from([("stores".into(), 1)])).unwrap();
    assert_eq!(scaled["store"], 3);
}

#[test]
fn models_survive_serialisation() {
    for name in ["one-flavour", "two-flavours", "containers"] {
        let (vnfd, _) = vnfd(name);
        let json = serde_json::to_string(&vnfd).unwrap();
        assert_eq!(serde_json::from_str::<Vnfd>(&json).unwrap(), vnfd);
    }
}

#[test]
fn a_version_is_a_text_even_where_it_looks_like_a_number() {
    let reading = read_vnfd_texts([("vnfd.yaml", minimal_vnfd())].into_iter().collect());
    assert_eq!(reading.value.unwrap().descriptor_version, "1.10");
}
