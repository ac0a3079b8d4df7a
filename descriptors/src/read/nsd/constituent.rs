//! Constituent VNFs, PNFs and nested services.

use std::collections::BTreeMap;

use super::super::common::{entries, items};
use super::super::context::Context;
use super::NS;
use super::flavour::VIRTUAL_LINK;
use crate::finding::Code;
use crate::nsd::{LinkConnection, NestedNs, NsFlavour, Pnf, VersionDependency, VnfProfile};
use crate::tosca::Template;
use crate::yaml::Node;

pub(super) use super::super::vnfd::VNF;
const PNF: &str = "tosca.nodes.nfv.PNF";

/// A TOSCA node waits for those it depends on.
const DEPENDENCY: &str = "dependency";

pub(super) fn read(context: &mut Context<'_>, service: &str, flavour: &mut NsFlavour) {
    let (topology, library) = (context.topology, context.library);
    for node in topology.of_type(library, VNF) {
        let profile = vnf(context, node);
        flavour.vnfs.insert(profile.id.clone(), profile);
    }
    for node in topology.of_type(library, PNF) {
        let pnf = pnf(context, node);
        flavour.pnfs.insert(pnf.id.clone(), pnf);
    }
    for node in topology.of_type(library, NS).filter(|node| node.name != service) {
        let nested = nested(context, node);
        flavour.nested.insert(nested.id.clone(), nested);
    }
    check_dependencies(context, flavour);
}

fn vnf(context: &mut Context<'_>, node: &Template) -> VnfProfile {
    const PRODUCT: [&str; 4] =
        ["provider", "product_name", "software_version", "descriptor_version"];
    let profile = node.get("vnf_profile");
    let (min_instances, max_instances) = bounds(context, profile);
    let targets = entries(profile.and_then(|p| p.get("target_vnf_scale_level_info"))).iter();
    let dependencies = items(profile.and_then(|p| p.get("version_dependency"))).iter();
    VnfProfile {
        id: node.name.as_str().into(),
        vnfd_id: node.text_or_empty("descriptor_id").into(),
        product: PRODUCT
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), node.text(key)?)))
            .collect::<BTreeMap<_, _>>(),
        flavour_id: node.text("flavour_id").map(Into::into),
        instantiation_level: level(profile, "instantiation_level"),
        target_scale_levels: targets
            .filter_map(|entry| {
                Some((entry.key.text.as_str().into(), entry.value.get("scale_level")?.count()?))
            })
            .collect(),
        min_instances,
        max_instances,
        service_availability_level: profile
            .and_then(|p| p.get("service_availability_level"))
            .and_then(Node::count),
        connections: connections(context, node),
        depends_on: depends_on(node),
        version_dependencies: dependencies.map(version_dependency).collect(),
        metadata: node.metadata.clone(),
    }
}

fn pnf(context: &mut Context<'_>, node: &Template) -> Pnf {
    Pnf {
        id: node.name.as_str().into(),
        pnfd_id: node.text_or_empty("descriptor_id").into(),
        invariant_id: node.text("descriptor_invariant_id"),
        name: node.text_or_empty("name"),
        provider: node.text_or_empty("provider"),
        version: node.text_or_empty("version"),
        function_description: node.text_or_empty("function_description"),
        connections: connections(context, node),
    }
}

fn nested(context: &mut Context<'_>, node: &Template) -> NestedNs {
    let profile = node.get("ns_profile");
    let (min_instances, max_instances) = bounds(context, profile);
    NestedNs {
        id: node.name.as_str().into(),
        nsd_id: node.text_or_empty("descriptor_id").into(),
        flavour_id: node.text("flavour_id").map(Into::into),
        instantiation_level: level(profile, "ns_instantiation_level"),
        min_instances,
        max_instances,
        connections: connections(context, node),
        depends_on: depends_on(node),
    }
}

fn level(profile: Option<&Node>, key: &str) -> Option<crate::names::LevelId> {
    Some(profile?.get(key)?.text()?.into())
}

/// How many there may be. Without a profile there is exactly one.
fn bounds(context: &mut Context<'_>, profile: Option<&Node>) -> (u32, u32) {
    let Some(profile) = profile else { return (1, 1) };
    let bound = |key: &str| profile.get(key).and_then(Node::count).unwrap_or(1);
    let (min, max) = (bound("min_number_of_instances"), bound("max_number_of_instances"));
    if min > max {
        let message = format!("the profile wants at least {min} and at most {max}");
        context
            .log
            .error(Code::Contradiction, profile.place, message)
            .help("`max_number_of_instances` is at least `min_number_of_instances`");
    }
    (min, max)
}

/// Every requirement that a link of the service fulfils is a connection.
fn connections(context: &mut Context<'_>, node: &Template) -> Vec<LinkConnection> {
    let mut found = Vec::new();
    for requirement in node.requirements.iter().filter(|r| r.name != DEPENDENCY) {
        let Some(target) = requirement.node.as_deref() else { continue };
        if context.is_a(target, VIRTUAL_LINK) {
            let (cp, virtual_link) = (requirement.name.clone(), target.into());
            found.push(LinkConnection { cp, virtual_link });
        } else if let Some(other) = context.topology.nodes.get(target) {
            let message = format!("`{target}` is a {}, not a link", other.type_name);
            context
                .log
                .error(Code::WrongNode, requirement.place, message)
                .help(format!("`{}` needs a {VIRTUAL_LINK}", requirement.name));
        }
    }
    found
}

fn depends_on(node: &Template) -> Vec<crate::names::ProfileId> {
    node.required(DEPENDENCY).map(|(target, _)| target.into()).collect()
}

fn version_dependency(node: &Node) -> VersionDependency {
    let statements = items(node.get("version_dependency_statement")).iter();
    let id = node.get("dependent_constituent_id").and_then(Node::text);
    VersionDependency {
        constituent_id: id.unwrap_or_default().to_owned(),
        alternatives: statements
            .map(|statement| statement.get("descriptor_id").map(Node::texts).unwrap_or_default())
            .collect(),
    }
}

/// Constituents that wait for each other would never start.
fn check_dependencies(context: &mut Context<'_>, flavour: &NsFlavour) {
    for vnf in flavour.vnfs.values() {
        let mut reached: Vec<&str> = Vec::new();
        let mut next: Vec<&str> = vnf.depends_on.iter().map(AsRef::as_ref).collect();
        while let Some(id) = next.pop() {
            if reached.contains(&id) {
                continue;
            }
            reached.push(id);
            next.extend(
                flavour.vnfs.get(id).into_iter().flat_map(|v| &v.depends_on).map(AsRef::as_ref),
            );
        }
        if reached.contains(&vnf.id.as_str())
            && let Some(node) = context.topology.nodes.get(vnf.id.as_str())
        {
            let message = format!("`{}` waits for itself", vnf.id);
            context
                .log
                .error(Code::DependencyCycle, node.place, message)
                .help(format!("the circle goes through {}", reached.join(", ")));
        }
    }
}
