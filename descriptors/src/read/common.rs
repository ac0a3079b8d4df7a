//! Parts that VNFDs and NSDs share: connection points, link profiles, operations, security rules.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::context::Context;
use crate::finding::{Code, Log};
use crate::tosca::{Policy, Section, Template, artifact_path, artifacts};
use crate::vnfd::{
    AddressAssignment, AddressData, ArtifactReference, BitrateRequirements, ConnectionPoint,
    CpProtocol, IpPool, IpVersion, L2Protocol, L3Protocol, LayerProtocol, LcmOperation,
    LinkProfile, LinkProtocol, MonitoringParameter, NetworkType, Qos, Role, SecurityGroupRule,
};
use crate::yaml::{Entry, NS_PER_MS, Node, Unit};

pub(super) fn entries(node: Option<&Node>) -> &[Entry] {
    node.map_or(&[], Node::entries)
}

pub(super) fn items(node: Option<&Node>) -> &[Node] {
    node.map_or(&[], Node::items)
}

pub(super) fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key)?.text().map(str::to_owned)
}

pub(super) fn text_map(node: Option<&Node>) -> BTreeMap<String, String> {
    node.map(Node::text_map).unwrap_or_default()
}

pub(super) fn flag(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::boolean).unwrap_or(false)
}

pub(super) fn millis(node: &Node, key: &str) -> Option<u64> {
    Some(node.get(key)?.amount(Unit::Time)?.div_ceil(NS_PER_MS))
}

pub(super) fn bytes(node: &Node, key: &str) -> Option<u64> {
    node.get(key)?.amount(Unit::Size)
}

pub(super) fn layers(node: Option<&Node>) -> Vec<LayerProtocol> {
    node.map(Node::texts)
        .unwrap_or_default()
        .iter()
        .filter_map(|t| LayerProtocol::parse(t))
        .collect()
}

/// What every connection point has.
pub(super) fn connection_point(node: &Template, log: &mut Log) -> ConnectionPoint {
    ConnectionPoint {
        id: node.name.as_str().into(),
        description: node.text("description"),
        layer_protocols: layers(node.get("layer_protocols")),
        role: node.get("role").and_then(Node::text).and_then(Role::parse),
        trunk_mode: flag(&node.properties, "trunk_mode"),
        protocols: items(node.get("protocol")).iter().filter_map(|p| cp_protocol(p, log)).collect(),
        metadata: node.metadata.clone(),
    }
}

fn cp_protocol(node: &Node, log: &mut Log) -> Option<CpProtocol> {
    let layer = LayerProtocol::parse(node.get("associated_layer_protocol")?.text()?)?;
    let data = items(node.get("address_data"));
    Some(CpProtocol { layer, addresses: data.iter().filter_map(|a| address(a, log)).collect() })
}

fn address(node: &Node, log: &mut Log) -> Option<AddressData> {
    if node.get("address_type")?.text()? == "mac_address" {
        let assigned = node.at(&["l2_address_data", "mac_address_assignment"]);
        return Some(AddressData::Mac {
            assigned: assigned.and_then(Node::boolean).unwrap_or(false),
        });
    }
    let Some(l3) = node.get("l3_address_data") else {
        let (assignment, version, fixed) = (AddressAssignment::Dynamic, None, Vec::new());
        return Some(AddressData::Ip { assignment, floating: false, version, count: 1, fixed });
    };
    let fixed = l3.get("fixed_ip_address");
    for one in items(fixed) {
        expect_address(one, log);
    }
    let fixed = fixed.map(Node::texts).unwrap_or_default();
    let subtype = text(l3, "ip_address_assignment_subtype");
    let assignment = match subtype.as_deref() {
        Some("dynamic") => AddressAssignment::Dynamic,
        Some("vnf_pkg") => AddressAssignment::VnfPackage,
        Some(_) => AddressAssignment::External,
        None if !fixed.is_empty() => AddressAssignment::VnfPackage,
        None if flag(l3, "ip_address_assignment") => AddressAssignment::External,
        None => AddressAssignment::Dynamic,
    };
    if assignment == AddressAssignment::VnfPackage && fixed.is_empty() {
        log.error(Code::MissingProperty, l3.place, "`vnf_pkg` assigns an address that is not here")
            .help("add `fixed_ip_address: [ 192.0.2.1 ]`");
    }
    Some(AddressData::Ip {
        assignment,
        floating: flag(l3, "floating_ip_activated"),
        version: l3.get("ip_address_type").and_then(Node::text).and_then(IpVersion::parse),
        count: l3.get("number_of_ip_address").and_then(Node::count).unwrap_or(1),
        fixed,
    })
}

/// What a link must be able to do.
pub(super) fn link_profile(node: Option<&Node>, log: &mut Log) -> LinkProfile {
    let Some(node) = node else { return LinkProfile::default() };
    let protocols = items(node.get("virtual_link_protocol_data"));
    LinkProfile {
        max_bitrate: node.get("max_bitrate_requirements").map(bitrate),
        min_bitrate: node.get("min_bitrate_requirements").map(bitrate),
        qos: node.get("qos").map(qos),
        protocols: protocols.iter().filter_map(|node| link_protocol(node, log)).collect(),
    }
}

pub(super) fn bitrate(node: &Node) -> BitrateRequirements {
    let bps = |key: &str| node.get(key).and_then(Node::integer).and_then(|n| u64::try_from(n).ok());
    BitrateRequirements { root_bps: bps("root").unwrap_or(0), leaf_bps: bps("leaf") }
}

fn qos(node: &Node) -> Qos {
    let micros = |key: &str| node.get(key).and_then(|n| n.amount(Unit::Time)).unwrap_or(0) / 1_000;
    Qos {
        latency_us: micros("latency"),
        packet_delay_variation_us: micros("packet_delay_variation"),
        packet_loss_ratio: node.get("packet_loss_ratio").and_then(Node::float),
        priority: node.get("priority").and_then(Node::count),
    }
}

fn link_protocol(node: &Node, log: &mut Log) -> Option<LinkProtocol> {
    let l2 = node.get("l2_protocol_data").map(|node| L2Protocol {
        name: text(node, "name"),
        network_type: node.get("network_type").and_then(Node::text).and_then(NetworkType::parse),
        vlan_transparent: flag(node, "vlan_transparent"),
        mtu_bytes: node.get("mtu").and_then(Node::count),
        segmentation_id: text(node, "segmentation_id"),
    });
    Some(LinkProtocol {
        layer: LayerProtocol::parse(node.get("associated_layer_protocol")?.text()?)?,
        l2,
        l3: node.get("l3_protocol_data").map(|node| subnet(node, log)),
    })
}

fn subnet(node: &Node, log: &mut Log) -> L3Protocol {
    let network = node.get("cidr").and_then(|cidr| expect_network(cidr, log));
    let inside = |address: &Node, log: &mut Log| {
        let found = expect_address(address, log);
        if let (Some(found), Some((network, bits))) = (found, network)
            && !contains(network, bits, found)
        {
            log.error(
                Code::BadAddress,
                address.place,
                format!("{found} is not in {network}/{bits}"),
            )
            .help("choose an address of the link's subnet");
        }
        address.text().unwrap_or_default().to_owned()
    };
    let mut pools = Vec::new();
    for pool in items(node.get("ip_allocation_pools")) {
        if let (Some(start), Some(end)) = (pool.get("start_ip_address"), pool.get("end_ip_address"))
        {
            pools.push(IpPool { start: inside(start, log), end: inside(end, log) });
        }
    }
    L3Protocol {
        name: text(node, "name"),
        ip_version: match node.get("ip_version").and_then(Node::text) {
            Some("ipv6") => IpVersion::V6,
            _ => IpVersion::V4,
        },
        cidr: text(node, "cidr").unwrap_or_default(),
        ip_allocation_pools: pools,
        gateway_ip: node.get("gateway_ip").map(|gateway| inside(gateway, log)),
        dhcp_enabled: node.get("dhcp_enabled").and_then(Node::boolean),
        ipv6_address_mode: text(node, "ipv6_address_mode"),
    }
}

pub(super) fn expect_address(node: &Node, log: &mut Log) -> Option<IpAddr> {
    let found = node.text()?.parse().ok();
    if found.is_none() {
        log.error(Code::BadAddress, node.place, format!("{} is no IP address", node.describe()))
            .help("write an address such as `192.0.2.1` or `2001:db8::1`");
    }
    found
}

fn expect_network(node: &Node, log: &mut Log) -> Option<(IpAddr, u32)> {
    let parsed = node.text()?.split_once('/').and_then(|(address, bits)| {
        let address: IpAddr = address.parse().ok()?;
        let bits: u32 = bits.parse().ok()?;
        (bits <= width(address)).then_some((address, bits))
    });
    if parsed.is_none() {
        log.error(Code::BadAddress, node.place, format!("{} is no network", node.describe()))
            .help("write an address and the length of its prefix, such as `192.0.2.0/24`");
    }
    parsed
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn contains(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    let number = |address: IpAddr| match address {
        IpAddr::V4(v4) => u128::from(u32::from(v4)),
        IpAddr::V6(v6) => u128::from(v6),
    };
    let host_bits = width(network) - bits;
    let prefix = |address: IpAddr| number(address).checked_shr(host_bits).unwrap_or(0);
    width(network) == width(address) && prefix(network) == prefix(address)
}

/// Monitoring parameters are a map by id from 4.x on, and a list before.
pub(super) fn monitoring(node: Option<&Node>) -> BTreeMap<String, MonitoringParameter> {
    let one = |node: &Node| MonitoringParameter {
        name: text(node, "name").unwrap_or_default(),
        performance_metric: text(node, "performance_metric").unwrap_or_default(),
        collection_period_ms: millis(node, "collection_period"),
    };
    let by_id = entries(node).iter().map(|entry| (entry.key.text.clone(), one(&entry.value)));
    let by_name = items(node).iter().map(one).map(|parameter| (parameter.name.clone(), parameter));
    by_id.chain(by_name).collect()
}

/// The operations of a node template's interface, and of its type's.
pub(super) fn operations(
    context: &mut Context<'_>,
    node: &Template,
    interface: &str,
) -> BTreeMap<String, LcmOperation> {
    let mut found = BTreeMap::new();
    let mut files: BTreeMap<String, ArtifactReference> = BTreeMap::new();
    let library = context.library;
    let ancestry = library.ancestry(Section::Node, &node.type_name);
    let definitions = ancestry.iter().rev().filter_map(|(_, found)| found.definition.as_ref());
    let mut interfaces: Vec<(String, &Node)> = Vec::new();
    for definition in definitions {
        let file = context.log.file_of(definition.place).to_owned();
        for one in artifacts(&file, definition, context.log) {
            let (name, artifact_type) = (one.name.clone(), one.type_name);
            files.insert(one.name, ArtifactReference { name, artifact_type, file: one.file });
        }
        interfaces.extend(definition.at(&["interfaces", interface]).map(|node| (file, node)));
    }
    for one in context.artifacts(node, None) {
        files.insert(one.name.clone(), one);
    }
    let file = context.topology.file.clone();
    interfaces.extend(node.interfaces.get(interface).map(|node| (file, node)));
    for (file, interface) in interfaces {
        let declared = interface.get("operations").unwrap_or(interface).entries();
        let is_operation = |name: &str| !["type", "inputs", "notifications"].contains(&name);
        for entry in declared.iter().filter(|entry| is_operation(&entry.key.text)) {
            if let Some(operation) = operation(context, &file, &entry.value, &files) {
                found.insert(entry.key.text.clone(), operation);
            }
        }
    }
    found
}

/// An operation that says something: a script, or inputs.
fn operation(
    context: &mut Context<'_>,
    from_file: &str,
    node: &Node,
    files: &BTreeMap<String, ArtifactReference>,
) -> Option<LcmOperation> {
    let implementation = node.get("implementation").unwrap_or(node);
    let named = implementation.text().or_else(|| {
        let primary = implementation.get("primary")?;
        primary.text().or_else(|| primary.get("file")?.text())
    });
    let inputs = entries(node.get("inputs"));
    if named.is_none() && inputs.is_empty() {
        return None;
    }
    let implementation = named.and_then(|name| {
        files.get(name).cloned().or_else(|| {
            let file = artifact_path(from_file, name)?;
            context.expect_file(&file, implementation.place);
            Some(ArtifactReference { name: name.to_owned(), artifact_type: None, file })
        })
    });
    let inputs = inputs.iter().map(|entry| (entry.key.text.clone(), entry.value.json())).collect();
    Some(LcmOperation { implementation, inputs })
}

pub(super) fn security_group_rule(policy: &Policy) -> SecurityGroupRule {
    let given = |key: &str, default: &str| {
        text(&policy.properties, key).unwrap_or_else(|| default.to_owned())
    };
    let port = |key: &str, default: u16| {
        let port = policy.properties.get(key).and_then(Node::count);
        port.and_then(|port| u16::try_from(port).ok()).unwrap_or(default)
    };
    SecurityGroupRule {
        name: policy.name.clone(),
        description: text(&policy.properties, "description"),
        direction: given("direction", "ingress"),
        ether_type: given("ether_type", "ipv4"),
        protocol: given("protocol", "tcp"),
        port_min: port("port_range_min", 0),
        port_max: port("port_range_max", u16::MAX),
        targets: policy.targets.iter().map(|(target, _)| target.clone()).collect(),
    }
}
