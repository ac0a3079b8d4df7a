//! One deployment flavour of a network service.

use super::super::common;
use super::super::context::Context;
use super::{NS, constituent, forwarding, scaling};
use crate::finding::{Code, Place};
use crate::nsd::{
    NsAffinityRule, NsAffinityTarget, NsFlavour, NsMonitoringParameter, NsPlacementGroup,
    NsVirtualLink, Sap,
};
use crate::tosca::{Policy, Section, Template};
use crate::vnfd::{Affinity, Scope};
use crate::yaml::Node;

pub(super) const VIRTUAL_LINK: &str = "tosca.nodes.nfv.NsVirtualLink";
pub(super) const SAP: &str = "tosca.nodes.nfv.Sap";
const GROUP: &str = "tosca.groups.nfv.NsPlacementGroup";
const AFFINITY: &str = "tosca.policies.nfv.NsAffinityRule";
const ANTI_AFFINITY: &str = "tosca.policies.nfv.NsAntiAffinityRule";
const SECURITY: &str = "tosca.policies.nfv.NsSecurityGroupRule";
const MONITORING: &str = "tosca.policies.nfv.NsMonitoring";

/// The gateway of a link, where SOL001 has no property for it.
const GATEWAY: &str = "windlass.gateway_ip";

/// Reads the flavour that a topology describes.
pub(super) fn read(context: &mut Context<'_>, outer: &Template) -> NsFlavour {
    let (topology, library) = (context.topology, context.library);
    let service = topology.nodes.get(&outer.name).unwrap_or(outer);
    let mut flavour =
        NsFlavour { id: service.text_or_empty("flavour_id").into(), ..NsFlavour::default() };
    for node in topology.of_type(library, VIRTUAL_LINK) {
        flavour.virtual_links.insert(node.name.as_str().into(), virtual_link(context, node));
    }
    for node in topology.of_type(library, SAP) {
        let cp = common::connection_point(node, context.log);
        let link = context.required_of(node, "internal_virtual_link", &[VIRTUAL_LINK]);
        flavour.saps.insert(cp.id.clone(), Sap { cp, virtual_link: link.map(Into::into) });
    }
    constituent::read(context, &service.name, &mut flavour);
    forwarding::read(context, &mut flavour);
    read_placement(context, &mut flavour);
    scaling::read(context, &mut flavour);
    flavour.operations = common::operations(context, service, "Nslcm");
    for policy in topology.policies_of(library, MONITORING) {
        let parameters = common::monitoring(policy.properties.get("ns_monitoring_parameters"));
        flavour.monitoring_parameters.extend(parameters.into_iter().map(|(id, parameter)| {
            let (name, performance_metric) = (parameter.name, parameter.performance_metric);
            let collection_period_ms = parameter.collection_period_ms;
            (id, NsMonitoringParameter { name, performance_metric, collection_period_ms })
        }));
    }
    flavour.security_group_rules =
        topology.policies_of(library, SECURITY).map(common::security_group_rule).collect();
    flavour.inputs = topology
        .inputs
        .values()
        .map(|(name, value)| (name.to_owned(), value.map(Node::json)))
        .filter(|(name, _)| service.get(name).is_none())
        .collect();
    flavour
}

fn virtual_link(context: &mut Context<'_>, node: &Template) -> NsVirtualLink {
    let connectivity = node.get("connectivity_type");
    let vl_profile = node.get("vl_profile");
    let mut profile = common::link_profile(vl_profile, context.log);
    if let Some(gateway) = node.metadata.get(GATEWAY) {
        common::expect_address(&Node::scalar(node.place, gateway), context.log);
        for subnet in profile.protocols.iter_mut().filter_map(|protocol| protocol.l3.as_mut()) {
            subnet.gateway_ip.get_or_insert_with(|| gateway.clone());
        }
    }
    let availability = vl_profile.and_then(|profile| {
        let before_3 =
            || profile.at(&["service_availability", "level"])?.text()?.strip_prefix("level");
        let from_3 = profile.get("service_availability_level").and_then(Node::count);
        from_3.or_else(|| before_3()?.parse().ok())
    });
    NsVirtualLink {
        id: node.name.as_str().into(),
        description: node.text("description"),
        layer_protocols: common::layers(connectivity.and_then(|c| c.get("layer_protocols"))),
        flow_pattern: connectivity.and_then(|c| common::text(c, "flow_pattern")),
        test_access: node.get("test_access").map(Node::texts).unwrap_or_default(),
        profile,
        service_availability_level: availability,
        metadata: node.metadata.clone(),
    }
}

fn read_placement(context: &mut Context<'_>, flavour: &mut NsFlavour) {
    let (topology, library) = (context.topology, context.library);
    for (name, group) in &topology.groups {
        if library.is_a(Section::Group, &group.type_name, GROUP) {
            let id: crate::names::GroupId = name.as_str().into();
            let description = common::text(&group.properties, "description");
            let members = targets(context, &group.members, false);
            let group = NsPlacementGroup { id: id.clone(), description, members };
            flavour.placement_groups.insert(id, group);
        }
    }
    for (base, affinity) in
        [(AFFINITY, Affinity::Affinity), (ANTI_AFFINITY, Affinity::AntiAffinity)]
    {
        for policy in topology.policies_of(library, base) {
            flavour.affinity_rules.extend(rule(context, policy, affinity));
        }
    }
}

fn rule(context: &mut Context<'_>, policy: &Policy, affinity: Affinity) -> Option<NsAffinityRule> {
    let scope = policy.properties.get("scope").and_then(Node::text).and_then(Scope::parse)?;
    if policy.targets.is_empty() {
        let message = format!("the rule `{}` is about nothing", policy.name);
        context.log.warning(Code::NoEffect, policy.place, message).help("add `targets`");
    }
    let targets = targets(context, &policy.targets, true);
    Some(NsAffinityRule { name: policy.name.clone(), affinity, scope, targets })
}

/// What rules and groups name. What does not exist has been noted already.
fn targets(
    context: &mut Context<'_>,
    names: &[(String, Place)],
    may_be_group: bool,
) -> Vec<NsAffinityTarget> {
    let mut found = Vec::new();
    for (name, place) in names {
        let id = name.as_str();
        if context.is_a(id, constituent::VNF) || context.is_a(id, NS) {
            found.push(NsAffinityTarget::Profile(id.into()));
        } else if context.is_a(id, VIRTUAL_LINK) {
            found.push(NsAffinityTarget::VirtualLink(id.into()));
        } else if context.is_a(id, SAP) {
            found.push(NsAffinityTarget::Sap(id.into()));
        } else if may_be_group && context.topology.groups.contains_key(id) {
            found.push(NsAffinityTarget::Group(id.into()));
        } else if context.topology.nodes.contains_key(id)
            || context.topology.groups.contains_key(id)
        {
            context
                .log
                .error(Code::WrongNode, *place, format!("`{id}` is nothing that can be placed"))
                .help("name VNFs, nested services, virtual links or placement groups");
        }
    }
    found
}
