//! Scaling aspects, their deltas, and instantiation levels: many policies that together say how many.

use std::collections::BTreeMap;

use super::super::common::{bitrate, entries, text};
use super::super::context::Context;
use super::scaling_check;
use crate::finding::{Code, Log};
use crate::names::{AspectId, LevelId};
use crate::suggest::did_you_mean;
use crate::tosca::Policy;
use crate::vnfd::{Flavour, InstantiationLevel, ScaleStep, ScalingAspect};
use crate::yaml::{Entry, Node};

const ASPECTS: &str = "tosca.policies.nfv.ScalingAspects";
const LEVELS: &str = "tosca.policies.nfv.InstantiationLevels";
const VDU_INITIAL: &str = "tosca.policies.nfv.VduInitialDelta";
const VDU_DELTAS: &str = "tosca.policies.nfv.VduScalingAspectDeltas";
const VDU_LEVELS: &str = "tosca.policies.nfv.VduInstantiationLevels";
const LINK_INITIAL: &str = "tosca.policies.nfv.VirtualLinkBitrateInitialDelta";
const LINK_DELTAS: &str = "tosca.policies.nfv.VirtualLinkBitrateScalingAspectDeltas";
const LINK_LEVELS: &str = "tosca.policies.nfv.VirtualLinkInstantiationLevels";
const VIP_INITIAL: &str = "tosca.policies.nfv.VipCpInitialDelta";
const VIP_DELTAS: &str = "tosca.policies.nfv.VipCpScalingAspectDeltas";
const VIP_LEVELS: &str = "tosca.policies.nfv.VipCpInstantiationLevels";

pub(super) fn read(context: &mut Context<'_>, flavour: &mut Flavour) {
    read_initial(context, flavour);
    let (topology, library) = (context.topology, context.library);
    for policy in topology.policies_of(library, ASPECTS) {
        for entry in entries(policy.properties.get("aspects")) {
            let aspect = aspect(context, entry);
            flavour.scaling_aspects.insert(aspect.id.clone(), aspect);
        }
    }
    for base in [VDU_DELTAS, LINK_DELTAS, VIP_DELTAS] {
        for policy in topology.policies_of(library, base) {
            read_deltas(context.log, base, policy, flavour);
        }
    }
    for policy in topology.policies_of(library, LEVELS) {
        read_levels(context.log, policy, flavour);
    }
    for base in [VDU_LEVELS, LINK_LEVELS, VIP_LEVELS] {
        for policy in topology.policies_of(library, base) {
            read_counts_of_levels(context.log, base, policy, flavour);
        }
    }
    scaling_check::check(context, flavour);
}

fn read_initial(context: &mut Context<'_>, flavour: &mut Flavour) {
    let (topology, library) = (context.topology, context.library);
    for base in [VDU_INITIAL, LINK_INITIAL, VIP_INITIAL] {
        for policy in topology.policies_of(library, base) {
            let Some(delta) = policy.properties.get("initial_delta") else { continue };
            for (target, _) in &policy.targets {
                match base {
                    VDU_INITIAL => {
                        if let Some(vdu) = flavour.vdus.get_mut(target.as_str()) {
                            vdu.initial_instances = instances(delta);
                        }
                    }
                    LINK_INITIAL => {
                        let bitrates = delta.get("bitrate_requirements").map(bitrate);
                        let id = target.as_str().into();
                        flavour.initial_link_bitrates.insert(id, bitrates.unwrap_or_default());
                    }
                    _ => {
                        let id = target.as_str().into();
                        flavour.initial_vip_cp_counts.insert(id, instances(delta).unwrap_or(0));
                    }
                }
            }
        }
    }
}

fn aspect(context: &Context<'_>, entry: &Entry) -> ScalingAspect {
    let node = &entry.value;
    let id = AspectId::from(entry.key.text.as_str());
    let mut deltas = node.get("step_deltas").map(Node::texts).unwrap_or_default();
    if deltas.is_empty() {
        deltas = deltas_of(context, &id);
    }
    let step = |delta: String| ScaleStep { delta, ..ScaleStep::default() };
    ScalingAspect {
        id,
        name: text(node, "name").unwrap_or_default(),
        description: text(node, "description").unwrap_or_default(),
        max_scale_level: node.get("max_scale_level").and_then(Node::count).unwrap_or(0),
        steps: deltas.into_iter().map(step).collect(),
    }
}

/// The deltas of an aspect that lists none: as the policies have them.
fn deltas_of(context: &Context<'_>, aspect: &AspectId) -> Vec<String> {
    let policies = context.topology.policies_of(context.library, VDU_DELTAS);
    let of_aspect = policies
        .filter(|policy| text(&policy.properties, "aspect").as_deref() == Some(aspect.as_str()));
    let mut found: Vec<String> = Vec::new();
    for entry in of_aspect.flat_map(|policy| entries(policy.properties.get("deltas"))) {
        if !found.contains(&entry.key.text) {
            found.push(entry.key.text.clone());
        }
    }
    found
}

fn read_deltas(log: &mut Log, base: &str, policy: &Policy, flavour: &mut Flavour) {
    let Some(named) = policy.properties.get("aspect") else { return };
    let name = named.text().unwrap_or_default();
    let Some(aspect) = flavour.scaling_aspects.get_mut(name) else {
        log.error(Code::UnknownAspect, named.place, format!("there is no scaling aspect `{name}`"))
            .near(|| did_you_mean(name, flavour.scaling_aspects.keys().map(AspectId::as_str)));
        return;
    };
    let deltas = entries(policy.properties.get("deltas"));
    for entry in deltas {
        if !aspect.steps.iter().any(|step| step.delta == entry.key.text) {
            let message =
                format!("aspect `{name}` has no step with the delta `{}`", entry.key.text);
            log.warning(Code::UnknownDelta, entry.key.place, message).near(|| {
                did_you_mean(&entry.key.text, aspect.steps.iter().map(|s| s.delta.as_str()))
            });
        }
    }
    for step in &mut aspect.steps {
        let Some(delta) = deltas.iter().find(|entry| entry.key.text == step.delta) else {
            let message = format!("the delta `{}` of aspect `{name}` is missing here", step.delta);
            log.error(Code::UnknownDelta, policy.place, message).near(|| {
                did_you_mean(&step.delta, deltas.iter().map(|entry| entry.key.text.as_str()))
            });
            continue;
        };
        for (target, _) in &policy.targets {
            let target = target.as_str();
            let count = instances(&delta.value).unwrap_or(0);
            match base {
                VDU_DELTAS => {
                    step.vdus.insert(target.into(), count);
                }
                LINK_DELTAS => {
                    let bitrates = delta.value.get("bitrate_requirements").map(bitrate);
                    step.link_bitrates.insert(target.into(), bitrates.unwrap_or_default());
                }
                _ => {
                    step.vip_cps.insert(target.into(), count);
                }
            }
        }
    }
}

fn read_levels(log: &mut Log, policy: &Policy, flavour: &mut Flavour) {
    for entry in entries(policy.properties.get("levels")) {
        let mut level = InstantiationLevel {
            id: entry.key.text.as_str().into(),
            description: text(&entry.value, "description").unwrap_or_default(),
            ..InstantiationLevel::default()
        };
        for info in entries(entry.value.get("scale_info")) {
            let id = AspectId::from(info.key.text.as_str());
            let scale_level = info.value.get("scale_level");
            let (Some(aspect), Some(node)) = (flavour.scaling_aspects.get(&id), scale_level) else {
                let message = format!("there is no scaling aspect `{id}`");
                let known = flavour.scaling_aspects.keys().map(AspectId::as_str);
                if !flavour.scaling_aspects.contains_key(&id) {
                    log.error(Code::UnknownAspect, info.key.place, message)
                        .near(|| did_you_mean(id.as_str(), known));
                }
                continue;
            };
            let at = node.count().unwrap_or(0);
            if at > aspect.max_scale_level {
                let message = format!("aspect `{id}` has no level {at}");
                log.error(Code::UnknownLevel, node.place, message)
                    .help(format!("its highest level is {}", aspect.max_scale_level));
            }
            level.scale_levels.insert(id, at.min(aspect.max_scale_level));
        }
        flavour.instantiation_levels.insert(level.id.clone(), level);
    }
    if let Some(node) = policy.properties.get("default_level")
        && let Some(name) = node.text()
    {
        if flavour.instantiation_levels.contains_key(name) {
            flavour.default_level = Some(name.into());
        } else {
            unknown_level(log, node, name, flavour);
        }
    }
}

fn read_counts_of_levels(log: &mut Log, base: &str, policy: &Policy, flavour: &mut Flavour) {
    for entry in entries(policy.properties.get("levels")) {
        let name = entry.key.text.as_str();
        let Some(level) = flavour.instantiation_levels.get_mut(name) else {
            let place = entry.key.place;
            unknown_level(log, &Node::scalar(place, name), name, flavour);
            continue;
        };
        for (target, _) in &policy.targets {
            let target = target.as_str();
            let count = instances(&entry.value).unwrap_or(0);
            match base {
                VDU_LEVELS => {
                    level.vdu_counts.insert(target.into(), count);
                }
                LINK_LEVELS => {
                    let bitrates = entry.value.get("bitrate_requirements").map(bitrate);
                    level.link_bitrates.insert(target.into(), bitrates.unwrap_or_default());
                }
                _ => {
                    level.vip_cp_counts.insert(target.into(), count);
                }
            }
        }
    }
}

fn unknown_level(log: &mut Log, node: &Node, name: &str, flavour: &Flavour) {
    let known: BTreeMap<&str, ()> =
        flavour.instantiation_levels.keys().map(|level: &LevelId| (level.as_str(), ())).collect();
    let message = format!("there is no instantiation level `{name}`");
    log.error(Code::UnknownLevel, node.place, message)
        .near(|| did_you_mean(name, known.into_keys()));
}

fn instances(node: &Node) -> Option<u32> {
    node.get("number_of_instances")?.count()
}
