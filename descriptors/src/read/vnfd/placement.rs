//! Affinity rules, placement groups and security rules.

use super::super::common;
use super::super::context::Context;
use super::container::DEPLOYABLE_UNIT;
use super::flavour::VIRTUAL_LINK;
use super::vdu::COMPUTE;
use crate::finding::{Code, Place};
use crate::tosca::{Policy, Section};
use crate::vnfd::{Affinity, AffinityRule, AffinityTarget, Flavour, PlacementGroup, Scope};
use crate::yaml::Node;

const GROUP: &str = "tosca.groups.nfv.PlacementGroup";
const AFFINITY: &str = "tosca.policies.nfv.AffinityRule";
const ANTI_AFFINITY: &str = "tosca.policies.nfv.AntiAffinityRule";
const SECURITY: &str = "tosca.policies.nfv.SecurityGroupRule";

pub(super) fn read(context: &mut Context<'_>, flavour: &mut Flavour) {
    let (topology, library) = (context.topology, context.library);
    for (name, group) in &topology.groups {
        if !library.is_a(Section::Group, &group.type_name, GROUP) {
            continue;
        }
        let id = name.as_str().into();
        let description = common::text(&group.properties, "description");
        let members = targets(context, &group.members, false);
        flavour
            .placement_groups
            .insert(id, PlacementGroup { id: name.as_str().into(), description, members });
    }
    for (base, affinity) in
        [(AFFINITY, Affinity::Affinity), (ANTI_AFFINITY, Affinity::AntiAffinity)]
    {
        for policy in topology.policies_of(library, base) {
            flavour.affinity_rules.extend(rule(context, policy, affinity));
        }
    }
    flavour.security_group_rules =
        topology.policies_of(library, SECURITY).map(common::security_group_rule).collect();
}

fn rule(context: &mut Context<'_>, policy: &Policy, affinity: Affinity) -> Option<AffinityRule> {
    let scope = policy.properties.get("scope").and_then(Node::text).and_then(Scope::parse)?;
    if policy.targets.is_empty() {
        let message = format!("the rule `{}` is about nothing", policy.name);
        context.log.warning(Code::NoEffect, policy.place, message).help("add `targets`");
    }
    let targets = targets(context, &policy.targets, true);
    Some(AffinityRule { name: policy.name.clone(), affinity, scope, targets })
}

/// What rules and groups name. What does not exist has been noted already.
fn targets(
    context: &mut Context<'_>,
    names: &[(String, Place)],
    may_be_group: bool,
) -> Vec<AffinityTarget> {
    let mut found = Vec::new();
    for (name, place) in names {
        let id = name.as_str();
        if context.is_a(id, COMPUTE) || context.is_a(id, DEPLOYABLE_UNIT) {
            found.push(AffinityTarget::Vdu(id.into()));
        } else if context.is_a(id, VIRTUAL_LINK) {
            found.push(AffinityTarget::VirtualLink(id.into()));
        } else if context.is_a(id, "tosca.nodes.nfv.Mciop") {
            found.push(AffinityTarget::Mciop(id.into()));
        } else if may_be_group && context.topology.groups.contains_key(id) {
            found.push(AffinityTarget::Group(id.into()));
        } else if context.topology.nodes.contains_key(id)
            || context.topology.groups.contains_key(id)
        {
            context
                .log
                .error(Code::WrongNode, *place, format!("`{id}` is nothing that can be placed"))
                .help("name VDUs, virtual links or placement groups");
        }
    }
    found
}
