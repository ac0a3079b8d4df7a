//! Connection points, and which of them the network service sees.

use super::super::common::{self, entries, flag, items, text, text_map};
use super::super::context::Context;
use super::container::DEPLOYABLE_UNIT;
use super::flavour::VIRTUAL_LINK;
use super::vdu::COMPUTE;
use crate::finding::Code;
use crate::suggest::did_you_mean;
use crate::tosca::Template;
use crate::vnfd::{
    ConnectionPoint, Flavour, ServicePort, VduCp, VipCp, VipFunction, VirtualCp, VnfExtCp,
    VnicRequirement, VnicType,
};
use crate::yaml::{Entry, Node};

const CP: &str = "tosca.nodes.nfv.Cp";
const VDU_CP: &str = "tosca.nodes.nfv.VduCp";
const EXT_CP: &str = "tosca.nodes.nfv.VnfExtCp";
const VIP_CP: &str = "tosca.nodes.nfv.VipCp";
const VIRTUAL_CP: &str = "tosca.nodes.nfv.VirtualCp";

pub(super) fn read(context: &mut Context<'_>, flavour: &mut Flavour) {
    let (topology, library) = (context.topology, context.library);
    for node in topology.of_type(library, VDU_CP) {
        let cp = vdu_cp(context, node);
        flavour.vdu_cps.insert(cp.cp.id.clone(), cp);
    }
    for node in topology.of_type(library, VIP_CP) {
        let cp = vip_cp(context, node);
        flavour.vip_cps.insert(cp.cp.id.clone(), cp);
    }
    for node in topology.of_type(library, VIRTUAL_CP) {
        let cp = virtual_cp(context, node);
        flavour.virtual_cps.insert(cp.cp.id.clone(), cp);
    }
    for node in topology.of_type(library, EXT_CP) {
        let cp = ext_cp(context, node);
        flavour.ext_cps.insert(cp.cp.id.clone(), cp);
    }
    for mapping in &topology.mapped_requirements {
        map_requirement(context, flavour, mapping);
    }
    expose_unlinked(context, flavour);
}

fn vdu_cp(context: &mut Context<'_>, node: &Template) -> VduCp {
    let count = |key: &str| node.get(key).and_then(Node::count);
    let vnic_type = node.get("vnic_type").and_then(Node::text).and_then(VnicType::parse);
    VduCp {
        cp: common::connection_point(node, context.log),
        vdu: context
            .required_of(node, "virtual_binding", &[COMPUTE, DEPLOYABLE_UNIT])
            .map(Into::into),
        virtual_link: link(context, node, "virtual_link"),
        order: count("order"),
        bitrate_requirement: count("bitrate_requirement").map(u64::from),
        vnic_type: vnic_type.unwrap_or(VnicType::Normal),
        vnic_requirements: vnic_requirements(node),
        trunk: context.required_of(node, "trunk_binding", &[VDU_CP]).map(Into::into),
        segmentation_id: count("segmentation_id"),
    }
}

fn vip_cp(context: &mut Context<'_>, node: &Template) -> VipCp {
    let function = node.get("vip_function").and_then(Node::text).and_then(VipFunction::parse);
    let targets = context.all_required_of(node, "target", &[VDU_CP]);
    VipCp {
        cp: common::connection_point(node, context.log),
        function: function.unwrap_or(VipFunction::HighAvailability),
        dedicated_ip_address: node
            .get("dedicated_ip_address")
            .and_then(Node::boolean)
            .unwrap_or(true),
        targets: targets.into_iter().map(Into::into).collect(),
        virtual_link: link(context, node, "virtual_link"),
    }
}

fn virtual_cp(context: &mut Context<'_>, node: &Template) -> VirtualCp {
    let data = items(node.get("additionalServiceData"));
    let ports = data.iter().flat_map(|data| items(data.get("portData")));
    let targets = context.all_required_of(node, "target", &[DEPLOYABLE_UNIT]);
    VirtualCp {
        cp: common::connection_point(node, context.log),
        targets: targets.into_iter().map(Into::into).collect(),
        virtual_link: link(context, node, "virtual_link"),
        ports: ports
            .filter_map(|port| {
                Some(ServicePort {
                    name: text(port, "name")?,
                    protocol: text(port, "protocol")?,
                    port: u16::try_from(port.get("port")?.count()?).ok()?,
                    configurable: flag(port, "portConfigurable"),
                })
            })
            .collect(),
    }
}

/// An external connection point opens an internal link, or (as some write it) exposes a connection point.
fn ext_cp(context: &mut Context<'_>, node: &Template) -> VnfExtCp {
    let target = context.required_of(node, "internal_virtual_link", &[VIRTUAL_LINK, CP]);
    let (internal_virtual_link, exposes) = match target {
        Some(target) if context.is_a(&target, CP) => (None, Some(target)),
        target => (target, None),
    };
    VnfExtCp {
        cp: common::connection_point(node, context.log),
        exposes: exposes.map(Into::into),
        internal_virtual_link: internal_virtual_link.map(Into::into),
        requirements: Vec::new(),
        vnic_requirements: vnic_requirements(node),
    }
}

/// `name: [ node, requirement ]`: the network service connects the node by this name.
fn map_requirement(context: &mut Context<'_>, flavour: &mut Flavour, mapping: &Entry) {
    let name = &mapping.key.text;
    let target = mapping.value.items().first().unwrap_or(&mapping.value);
    let Some(id) = target.text() else {
        let message = format!("the requirement `{name}` is mapped to nothing");
        context
            .log
            .warning(Code::NoEffect, mapping.key.place, message)
            .help("write `[ <connection point>, external_virtual_link ]`, or leave it out");
        return;
    };
    if let Some(cp) = flavour.ext_cps.get_mut(id) {
        cp.requirements.push(name.clone());
    } else if let Some(cp) = internal(flavour, id) {
        let requirements = vec![name.clone()];
        let cp = exposed(cp.clone(), requirements);
        flavour.ext_cps.insert(cp.cp.id.clone(), cp);
    } else {
        let known = flavour.ext_cps.keys().chain(flavour.vdu_cps.keys()).map(AsRef::as_ref);
        context
            .log
            .error(Code::UnknownNode, target.place, format!("`{id}` is no connection point"))
            .near(|| did_you_mean(id, known));
    }
}

fn internal<'a>(flavour: &'a Flavour, id: &str) -> Option<&'a ConnectionPoint> {
    let vdu = flavour.vdu_cps.get(id).map(|cp| &cp.cp);
    let vip = || flavour.vip_cps.get(id).map(|cp| &cp.cp);
    vdu.or_else(vip).or_else(|| flavour.virtual_cps.get(id).map(|cp| &cp.cp))
}

fn exposed(cp: ConnectionPoint, requirements: Vec<String>) -> VnfExtCp {
    VnfExtCp {
        exposes: Some(cp.id.clone()),
        cp,
        internal_virtual_link: None,
        requirements,
        vnic_requirements: Vec::new(),
    }
}

/// An interface on no internal link can only be meant to be seen from outside.
fn expose_unlinked(context: &mut Context<'_>, flavour: &mut Flavour) {
    let is_unlinked = |cp: &&VduCp| {
        let is_exposed = flavour.ext_cps.contains_key(&cp.cp.id)
            || flavour.exposures_of(cp.cp.id.as_str()).next().is_some();
        cp.virtual_link.is_none() && cp.trunk.is_none() && !is_exposed
    };
    let unlinked: Vec<ConnectionPoint> =
        flavour.vdu_cps.values().filter(is_unlinked).map(|cp| cp.cp.clone()).collect();
    for cp in unlinked {
        let Some(node) = context.topology.nodes.get(cp.id.as_str()) else { continue };
        // A link that is named and does not fit has been noted already.
        if node.required("virtual_link").next().is_some() {
            continue;
        }
        let message =
            format!("`{}` is on no link and is taken as an external connection point", cp.id);
        context
            .log
            .warning(Code::NoEffect, node.place, message)
            .help("add a `virtual_link` requirement, or name it in `substitution_mappings`");
        flavour.ext_cps.insert(cp.id.clone(), exposed(cp, Vec::new()));
    }
}

fn link(
    context: &mut Context<'_>,
    node: &Template,
    requirement: &str,
) -> Option<crate::names::VirtualLinkId> {
    context.required_of(node, requirement, &[VIRTUAL_LINK]).map(Into::into)
}

fn vnic_requirements(node: &Template) -> Vec<VnicRequirement> {
    let requirement = |node: &Node| VnicRequirement {
        name: text(node, "name"),
        description: text(node, "description"),
        mandatory: flag(node, "support_mandatory"),
        requirements: text_map(node.get("network_interface_requirements")),
        nic_io_requirements: entries(node.get("nic_io_requirements"))
            .iter()
            .flat_map(|entry| entry.value.text_map())
            .collect(),
    };
    items(node.get("virtual_network_interface_requirements")).iter().map(requirement).collect()
}
