//! Containers, deployable units and charts (4.x).

use super::super::common::{bytes, entries, items, text};
use super::super::context::Context;
use super::{image, vdu};
use crate::tosca::Template;
use crate::vnfd::{DeployableUnit, Flavour, Mciop, OsContainer, VduKind};
use crate::yaml::Node;

pub(super) const DEPLOYABLE_UNIT: &str = "tosca.nodes.nfv.Vdu.OsContainerDeployableUnit";
const CONTAINER: &str = "tosca.nodes.nfv.Vdu.OsContainer";
const MCIOP: &str = "tosca.nodes.nfv.Mciop";

pub(super) fn read(context: &mut Context<'_>, flavour: &mut Flavour) {
    let (topology, library) = (context.topology, context.library);
    for node in topology.of_type(library, DEPLOYABLE_UNIT) {
        let kind = VduKind::Containers(deployable_unit(context, node));
        let capabilities = node.get("requested_additional_capabilities");
        let vdu = vdu::vdu(context, node, kind, capabilities, node.get("logical_node"));
        flavour.vdus.insert(vdu.id.clone(), vdu);
    }
    for node in topology.of_type(library, MCIOP) {
        let vdus = context.all_required_of(node, "associatedVdu", &[DEPLOYABLE_UNIT, vdu::COMPUTE]);
        let mciop = Mciop {
            id: node.name.as_str().into(),
            artifacts: context.artifacts(node, None),
            vdus: vdus.into_iter().map(Into::into).collect(),
        };
        flavour.mciops.insert(mciop.id.clone(), mciop);
    }
}

fn deployable_unit(context: &mut Context<'_>, node: &Template) -> DeployableUnit {
    let identification = node.get("mcio_identification_data");
    let names = context.all_required_of(node, "container", &[CONTAINER]);
    let topology = context.topology;
    let nodes = names.iter().filter_map(|name| topology.nodes.get(name));
    DeployableUnit {
        containers: nodes.map(|node| container(context, node)).collect(),
        mcio_name: identification.and_then(|data| text(data, "name")),
        mcio_type: identification.and_then(|data| text(data, "type")),
        mcio_constraint_params: node
            .get("mcio_constraint_params")
            .map(Node::texts)
            .unwrap_or_default(),
    }
}

fn container(context: &mut Context<'_>, node: &Template) -> OsContainer {
    let properties = &node.properties;
    let cpu = |key: &str| properties.get(key).and_then(Node::count).map(u64::from);
    OsContainer {
        id: node.name.clone(),
        name: node.text_or_empty("name"),
        description: node.text_or_empty("description"),
        requested_cpu_millis: cpu("requested_cpu_resources"),
        cpu_limit_millis: cpu("cpu_resource_limit"),
        requested_memory_bytes: bytes(properties, "requested_memory_resources"),
        memory_limit_bytes: bytes(properties, "memory_resource_limit"),
        requested_ephemeral_bytes: bytes(properties, "requested_ephemeral_storage_resources"),
        ephemeral_limit_bytes: bytes(properties, "ephemeral_storage_resource_limit"),
        extended_resources: items(node.get("extended_resource_requests"))
            .iter()
            .filter_map(|request| {
                let name = entries(request.get("extended_resource")).first()?;
                let name = name.value.text().unwrap_or(&name.key.text).to_owned();
                Some((name, u64::from(request.get("amount")?.count()?)))
            })
            .collect(),
        huge_pages: vdu::huge_pages(node.get("huge_pages_resources")),
        cpu_pinning: node.get("cpu_pinning_requirements").map(vdu::cpu_pinning),
        images: image::read_all(context, node),
    }
}
