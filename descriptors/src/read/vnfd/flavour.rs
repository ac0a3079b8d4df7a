//! One deployment flavour.

use super::super::common::{self, flag};
use super::super::context::Context;
use super::{VNF, connection, container, lifecycle, placement, scaling, storage, vdu};
use crate::tosca::Template;
use crate::vnfd::{Flavour, VnfVirtualLink};
use crate::yaml::Node;

pub(super) const VIRTUAL_LINK: &str = "tosca.nodes.nfv.VnfVirtualLink";

/// Reads the flavour that a topology describes.
pub(super) fn read(context: &mut Context<'_>) -> Option<Flavour> {
    let topology = context.topology;
    let library = context.library;
    let vnf = topology.of_type(library, VNF).next()?;
    let mut flavour = Flavour {
        id: vnf.text_or_empty("flavour_id").into(),
        description: vnf.text_or_empty("flavour_description"),
        ..Flavour::default()
    };
    for node in topology.of_type(library, VIRTUAL_LINK) {
        flavour.virtual_links.insert(node.name.as_str().into(), virtual_link(context, node));
    }
    storage::read(context, &mut flavour);
    vdu::read(context, &mut flavour);
    container::read(context, &mut flavour);
    connection::read(context, &mut flavour);
    placement::read(context, &mut flavour);
    scaling::read(context, &mut flavour);
    lifecycle::read(context, vnf, &mut flavour);
    flavour.inputs = topology
        .inputs
        .values()
        .map(|(name, value)| (name.to_owned(), value.map(Node::json)))
        .filter(|(name, _)| vnf.get(name).is_none())
        .collect();
    Some(flavour)
}

fn virtual_link(context: &mut Context<'_>, node: &Template) -> VnfVirtualLink {
    let connectivity = node.get("connectivity_type");
    VnfVirtualLink {
        id: node.name.as_str().into(),
        description: node.text("description"),
        layer_protocols: common::layers(connectivity.and_then(|c| c.get("layer_protocols"))),
        flow_pattern: connectivity.and_then(|c| common::text(c, "flow_pattern")),
        test_access: node.get("test_access").map(Node::texts).unwrap_or_default(),
        profile: common::link_profile(node.get("vl_profile"), context.log),
        monitoring_parameters: common::monitoring(node.get("monitoring_parameters")),
        externally_managed: node.text("externally_managed"),
        metadata: node.metadata.clone(),
    }
}

/// Whether each VNFC has its own: yes, unless the descriptor says otherwise.
pub(super) fn per_vnfc_instance(node: &Template) -> bool {
    node.get("per_vnfc_instance").is_none() || flag(&node.properties, "per_vnfc_instance")
}
