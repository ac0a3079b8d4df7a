//! Forwarding graphs.

use super::super::common::{self, text};
use super::super::context::Context;
use super::NS;
use super::constituent::VNF;
use super::flavour::VIRTUAL_LINK;
use crate::nsd::{Nfp, NfpPosition, NfpRule, NsFlavour, Vnffg};
use crate::tosca::{Policy, Section, Template};
use crate::yaml::Node;

const VNFFG: &str = "tosca.groups.nfv.VNFFG";
const NFP: &str = "tosca.nodes.nfv.NFP";
const POSITION: &str = "tosca.nodes.nfv.NfpPosition";
const ELEMENT: &str = "tosca.nodes.nfv.NfpPositionElement";
const RULE: &str = "tosca.policies.nfv.NfpRule";
const PNF: &str = "tosca.nodes.nfv.PNF";

pub(super) fn read(context: &mut Context<'_>, flavour: &mut NsFlavour) {
    let (topology, library) = (context.topology, context.library);
    for (name, group) in &topology.groups {
        if !library.is_a(Section::Group, &group.type_name, VNFFG) {
            continue;
        }
        let members: Vec<&str> = group.members.iter().map(|(member, _)| member.as_str()).collect();
        let of = |base: &str| {
            members.iter().copied().filter(|m| context.is_a(m, base)).collect::<Vec<_>>()
        };
        let constituents =
            [VNF, PNF, NS].iter().flat_map(|base| of(base)).map(Into::into).collect();
        let virtual_links = of(VIRTUAL_LINK).into_iter().map(Into::into).collect();
        let paths =
            of(NFP).into_iter().filter_map(|path| topology.nodes.get(path)).collect::<Vec<_>>();
        let vnffg = Vnffg {
            id: name.clone(),
            description: text(&group.properties, "description"),
            paths: paths.into_iter().map(|node| path(context, node)).collect(),
            constituents,
            virtual_links,
        };
        flavour.vnffgs.insert(name.clone(), vnffg);
    }
}

fn path(context: &mut Context<'_>, node: &Template) -> Nfp {
    let (topology, library) = (context.topology, context.library);
    let positions = context.all_required_of(node, "nfp_position", &[POSITION]);
    let positions = positions.iter().filter_map(|name| topology.nodes.get(name));
    let rules = topology.policies_of(library, RULE);
    let is_for_path =
        |policy: &&Policy| policy.targets.iter().any(|(target, _)| *target == node.name);
    Nfp {
        id: node.name.clone(),
        positions: positions.map(|node| position(context, node)).collect(),
        rules: rules.filter(is_for_path).map(rule).collect(),
    }
}

fn position(context: &mut Context<'_>, node: &Template) -> NfpPosition {
    let topology = context.topology;
    let elements = context.all_required_of(node, "element", &[ELEMENT]);
    let elements = elements.iter().filter_map(|name| topology.nodes.get(name));
    let ends = |element: &Template| {
        element.required("profile_element").map(|(target, _)| target.to_owned()).collect()
    };
    NfpPosition {
        id: node.name.clone(),
        forwarding_behaviour: node.text("forwarding_behaviour"),
        elements: elements.map(ends).collect(),
    }
}

fn rule(policy: &Policy) -> NfpRule {
    let own_text = |key: &str| text(&policy.properties, key);
    let ports = |key: &str| {
        let ends = common::items(policy.properties.get(key)).iter();
        let mut ends = ends.filter_map(Node::count).filter_map(|port| u16::try_from(port).ok());
        Some((ends.next()?, ends.next()?))
    };
    NfpRule {
        name: policy.name.clone(),
        ether_source_address: own_text("ether_source_address"),
        ether_destination_address: own_text("ether_destination_address"),
        ether_type: own_text("ether_type"),
        vlan_tags: policy.properties.get("vlan_tag").map(Node::texts).unwrap_or_default(),
        protocol: own_text("protocol"),
        dscp: own_text("dscp"),
        source_ports: ports("source_port_range"),
        destination_ports: ports("destination_port_range"),
        source_prefix: own_text("source_ip_address_prefix"),
        destination_prefix: own_text("destination_ip_address_prefix"),
    }
}
