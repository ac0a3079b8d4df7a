//! Operations, their configuration, and what can be read and changed.

use super::super::common::{self, entries, flag, millis};
use super::super::context::Context;
use crate::tosca::Template;
use crate::vnfd::{
    ConfigurableProperties, Flavour, InterfaceName, LcmOperationsConfiguration,
    ModifiableAttributes, SupportedInterface,
};
use crate::yaml::Node;

const INTERFACE: &str = "tosca.policies.nfv.SupportedVnfInterface";
const MONITORING: &str = "tosca.policies.nfv.VnfMonitoring";

pub(super) fn read(context: &mut Context<'_>, vnf: &Template, flavour: &mut Flavour) {
    let (topology, library) = (context.topology, context.library);
    flavour.operations = common::operations(context, vnf, "Vnflcm");
    flavour.lcm_operations_configuration = configuration(vnf.get("lcm_operations_configuration"));
    flavour.configurable_properties =
        configurable(vnf.get("configurable_properties"), "additional_configurable_properties");
    flavour.modifiable_attributes = modifiable(vnf.get("modifiable_attributes"));
    flavour.monitoring_parameters = common::monitoring(vnf.get("monitoring_parameters"));
    for policy in topology.policies_of(library, MONITORING) {
        let parameters = policy.properties.get("vnf_monitoring_parameters");
        flavour.monitoring_parameters.extend(common::monitoring(parameters));
    }
    for policy in topology.policies_of(library, INTERFACE) {
        let name = policy.properties.get("interface_name").and_then(Node::text);
        let Some(interface) = name.and_then(InterfaceName::parse) else { continue };
        let details = entries(policy.properties.get("details"));
        flavour.supported_interfaces.push(SupportedInterface {
            interface,
            connection_points: policy
                .targets
                .iter()
                .map(|(name, _)| name.as_str().into())
                .collect(),
            details: details.iter().map(|e| (e.key.text.clone(), e.value.json())).collect(),
        });
    }
}

/// Properties that can be configured: two that the standard knows, and all others.
pub(super) fn configurable(node: Option<&Node>, additional: &str) -> ConfigurableProperties {
    const HEAL: &str = "is_autoheal_enabled";
    const SCALE: &str = "is_autoscale_enabled";
    let Some(node) = node else { return ConfigurableProperties::default() };
    let known = [HEAL, SCALE, additional];
    let own = node.entries().iter().filter(|entry| !known.contains(&entry.key.text.as_str()));
    let others = own.chain(entries(node.get(additional)));
    ConfigurableProperties {
        is_autoheal_enabled: node.get(HEAL).and_then(Node::boolean),
        is_autoscale_enabled: node.get(SCALE).and_then(Node::boolean),
        additional: others.map(|entry| (entry.key.text.clone(), entry.value.json())).collect(),
    }
}

fn modifiable(node: Option<&Node>) -> ModifiableAttributes {
    let values = |key: &str| {
        let values = entries(node.and_then(|node| node.get(key)));
        values.iter().map(|entry| (entry.key.text.clone(), entry.value.json())).collect()
    };
    ModifiableAttributes { extensions: values("extensions"), metadata: values("metadata") }
}

fn configuration(node: Option<&Node>) -> LcmOperationsConfiguration {
    let nothing = Node::scalar(crate::finding::Place::default(), "");
    let of = |operation: &str| node.and_then(|node| node.get(operation)).unwrap_or(&nothing);
    let (terminate, operate) = (of("terminate"), of("operate"));
    LcmOperationsConfiguration {
        instantiate_to_scale_levels: flag(of("instantiate"), "target_scale_levels_supported"),
        scale_by_several_steps: flag(of("scale"), "scaling_by_more_than_one_step_supported"),
        scale_to_arbitrary_levels: flag(of("scale_to_level"), "arbitrary_target_levels_supported"),
        min_graceful_termination_timeout_ms: millis(terminate, "min_graceful_termination_timeout"),
        max_graceful_termination_timeout_ms: millis(
            terminate,
            "max_recommended_graceful_termination_timeout",
        ),
        min_graceful_stop_timeout_ms: millis(operate, "min_graceful_stop_timeout"),
        max_graceful_stop_timeout_ms: millis(operate, "max_recommended_graceful_stop_timeout"),
        heal_causes: of("heal").get("causes").map(Node::texts).unwrap_or_default(),
    }
}
