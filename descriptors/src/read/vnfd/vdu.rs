//! VDUs that are virtual machines.

use std::collections::BTreeMap;

use super::super::common::{self, bytes, entries, flag, items, text, text_map};
use super::super::context::Context;
use super::{image, lifecycle, storage};
use crate::tosca::Template;
use crate::vnfd::{
    BootContent, BootData, Compute, CpuPinning, Flavour, HugePages, LocalStorage,
    RequestedCapability, Text, Vdu, VduKind,
};
use crate::yaml::{Node, Unit};

pub(super) const COMPUTE: &str = "tosca.nodes.nfv.Vdu.Compute";

pub(super) fn read(context: &mut Context<'_>, flavour: &mut Flavour) {
    let (topology, library) = (context.topology, context.library);
    for node in topology.of_type(library, COMPUTE) {
        let capability = node.capabilities.at(&["virtual_compute", "properties"]);
        let kind = VduKind::Compute(Box::new(compute(context, node, capability)));
        let capabilities = capability.and_then(|c| c.get("requested_additional_capabilities"));
        let logical_nodes = capability.and_then(|c| c.get("logical_node"));
        let vdu = vdu(context, node, kind, capabilities, logical_nodes);
        flavour.vdus.insert(vdu.id.clone(), vdu);
    }
}

/// What VDUs of both kinds have.
pub(super) fn vdu(
    context: &mut Context<'_>,
    node: &Template,
    kind: VduKind,
    capabilities: Option<&Node>,
    logical_nodes: Option<&Node>,
) -> Vdu {
    let profile =
        |key: &str| node.get("vdu_profile").and_then(|p| p.get(key)).and_then(Node::count);
    Vdu {
        id: node.name.as_str().into(),
        name: node.text("name").unwrap_or_else(|| node.name.clone()),
        description: node.text_or_empty("description"),
        min_instances: profile("min_number_of_instances").unwrap_or(0),
        max_instances: profile("max_number_of_instances").unwrap_or(0),
        initial_instances: None,
        kind,
        storages: context
            .all_required_of(node, "virtual_storage", &storage::STORAGES)
            .into_iter()
            .map(Into::into)
            .collect(),
        nfvi_constraints: constraints(node.get("nfvi_constraints")),
        monitoring_parameters: common::monitoring(node.get("monitoring_parameters")),
        configurable_properties: lifecycle::configurable(
            node.get("configurable_properties"),
            "additional_vnfc_configurable_properties",
        ),
        requested_capabilities: requested_capabilities(capabilities),
        logical_nodes: entries(logical_nodes)
            .iter()
            .map(|entry| {
                let requirements = entry.value.get("logical_node_requirements");
                (entry.key.text.clone(), text_map(requirements))
            })
            .collect(),
        metadata: node.metadata.clone(),
    }
}

fn compute(context: &mut Context<'_>, node: &Template, capability: Option<&Node>) -> Compute {
    let part = |name: &str| capability.and_then(|capability| capability.get(name));
    let cpu = part("virtual_cpu");
    let memory = part("virtual_memory");
    let of_cpu = |key: &str| cpu.and_then(|cpu| cpu.get(key));
    let of_memory = |key: &str| memory.and_then(|memory| memory.get(key));
    let own_text = |node: Option<&Node>| node.and_then(Node::text).map(str::to_owned);
    let boot_order = node.get("boot_order");
    Compute {
        vcpus: of_cpu("num_virtual_cpu").and_then(Node::count).unwrap_or(0),
        cpu_architecture: own_text(of_cpu("cpu_architecture")),
        cpu_clock_hz: of_cpu("virtual_cpu_clock").and_then(|n| n.amount(Unit::Frequency)),
        cpu_oversubscription_policy: own_text(of_cpu("virtual_cpu_oversubscription_policy")),
        cpu_requirements: text_map(of_cpu("vdu_cpu_requirements")),
        cpu_pinning: of_cpu("virtual_cpu_pinning").map(cpu_pinning),
        memory_mib: of_memory("virtual_mem_size").and_then(mib).unwrap_or(0),
        memory_oversubscription_policy: own_text(of_memory("virtual_mem_oversubscription_policy")),
        memory_requirements: text_map(of_memory("vdu_mem_requirements")),
        numa_enabled: memory.is_some_and(|memory| flag(memory, "numa_enabled")),
        huge_pages: huge_pages(of_memory("huge_pages_requirements")),
        compute_requirements: text_map(part("compute_requirements")),
        local_storages: items(part("virtual_local_storage")).iter().map(local_storage).collect(),
        image: image::read(context, node),
        // Before 3.x it is the list of storages itself, which the requirements repeat.
        boot_order: boot_order.is_some_and(|n| n.boolean().unwrap_or(!n.items().is_empty())),
        boot_data: node.get("boot_data").map(|data| boot_data(context, data)),
    }
}

fn mib(node: &Node) -> Option<u64> {
    Some(node.amount(Unit::Size)?.div_ceil(1 << 20))
}

pub(super) fn cpu_pinning(node: &Node) -> CpuPinning {
    CpuPinning {
        is_static: text(node, "virtual_cpu_pinning_policy").as_deref() == Some("static"),
        rules: node.get("virtual_cpu_pinning_rule").map(Node::texts).unwrap_or_default(),
    }
}

pub(super) fn huge_pages(node: Option<&Node>) -> Vec<HugePages> {
    let pages = |node: &Node| {
        Some(HugePages {
            page_size_kib: bytes(node, "hugepage_size")?.div_ceil(1 << 10),
            requested_mib: bytes(node, "requested_size")?.div_ceil(1 << 20),
        })
    };
    items(node).iter().filter_map(pages).collect()
}

fn local_storage(node: &Node) -> LocalStorage {
    LocalStorage {
        size_bytes: bytes(node, "size_of_storage").unwrap_or(0),
        requirements: text_map(node.get("vdu_storage_requirements")),
    }
}

fn requested_capabilities(node: Option<&Node>) -> BTreeMap<String, RequestedCapability> {
    let capability = |node: &Node| RequestedCapability {
        name: text(node, "requested_additional_capability_name").unwrap_or_default(),
        mandatory: flag(node, "support_mandatory"),
        min_version: text(node, "min_requested_additional_capability_version"),
        preferred_version: text(node, "preferred_requested_additional_capability_version"),
        target_performance: text_map(node.get("target_performance_parameters")),
    };
    entries(node).iter().map(|e| (e.key.text.clone(), capability(&e.value))).collect()
}

/// A map by key; before 3.x a list, of which each item is a key without a value.
fn constraints(node: Option<&Node>) -> BTreeMap<String, String> {
    let listed =
        items(node).iter().filter_map(|item| Some((item.text()?.to_owned(), String::new())));
    text_map(node).into_iter().chain(listed).collect()
}

fn boot_data(context: &mut Context<'_>, node: &Node) -> BootData {
    if let Some(text) = node.text() {
        // Before 3.x it is the content, or the path of a file that has it.
        let is_path = context.paths.iter().any(|path| path == text);
        let content = (!is_path).then(|| Text::Literal(text.to_owned()));
        let source_path = is_path.then(|| text.to_owned());
        let content = BootContent { content, source_path, ..BootContent::default() };
        return BootData { content: Some(content), ..BootData::default() };
    }
    let vim = node.get("vim_specific_properties");
    BootData {
        key_values: texts_by_key(node.at(&["kvp_data", "data"])),
        content: node.get("content_or_file_data").map(|content| boot_content(context, content)),
        vim_properties: texts_by_key(vim.and_then(|vim| vim.get("properties"))),
        vim_type: vim.and_then(|vim| text(vim, "vim_type")),
    }
}

fn boot_content(context: &mut Context<'_>, node: &Node) -> BootContent {
    if let Some(path) = node.get("source_path")
        && let Some(text) = path.text()
    {
        context.expect_file(text, path.place);
    }
    BootContent {
        content: node.get("content").and_then(text_or_input),
        source_path: text(node, "source_path"),
        destination_path: text(node, "destination_path"),
        variables: texts_by_key(node.get("data")),
    }
}

fn texts_by_key(node: Option<&Node>) -> BTreeMap<String, Text> {
    let text =
        |node: &Node| text_or_input(node).unwrap_or_else(|| Text::Literal(node.json().to_string()));
    entries(node).iter().map(|entry| (entry.key.text.clone(), text(&entry.value))).collect()
}

fn text_or_input(node: &Node) -> Option<Text> {
    let literal = node.text().map(|text| Text::Literal(text.to_owned()));
    literal.or_else(|| Some(Text::Input { get_input: node.get("get_input")?.text()?.to_owned() }))
}
