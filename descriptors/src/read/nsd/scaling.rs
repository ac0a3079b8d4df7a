//! Scaling aspects and instantiation levels of a network service.

use super::super::common::{bitrate, entries, text};
use super::super::context::Context;
use crate::finding::{Code, Log, Place};
use crate::names::{AspectId, LevelId};
use crate::nsd::{NsFlavour, NsInstantiationLevel, NsScaleLevel, NsScalingAspect};
use crate::suggest::did_you_mean;
use crate::tosca::Policy;
use crate::yaml::{Entry, Node};

const ASPECTS: &str = "tosca.policies.nfv.NsScalingAspects";
const LEVELS: &str = "tosca.policies.nfv.NsInstantiationLevels";
const LINK_TO_SCALE: &str = "tosca.policies.nfv.VirtualLinkToLevelMapping";
const LINK_TO_LEVEL: &str = "tosca.policies.nfv.VirtualLinkToInstantiationLevelMapping";

/// Counts of VNFs and of nested services, by scale level.
const TO_SCALE: [&str; 3] =
    ["tosca.policies.nfv.VnfToLevelMapping", "tosca.policies.nfv.NsToLevelMapping", LINK_TO_SCALE];

/// Counts of VNFs and of nested services, by instantiation level.
const TO_LEVEL: [&str; 3] = [
    "tosca.policies.nfv.VnfToInstantiationLevelMapping",
    "tosca.policies.nfv.NsToInstantiationLevelMapping",
    LINK_TO_LEVEL,
];

pub(super) fn read(context: &mut Context<'_>, flavour: &mut NsFlavour) {
    let (topology, library) = (context.topology, context.library);
    for policy in topology.policies_of(library, ASPECTS) {
        for entry in entries(policy.properties.get("aspects")) {
            let aspect = aspect(entry, context.log);
            flavour.scaling_aspects.insert(aspect.id.clone(), aspect);
        }
    }
    for policy in topology.policies_of(library, LEVELS) {
        for entry in entries(policy.properties.get("ns_levels")) {
            let id = LevelId::from(entry.key.text.as_str());
            let description = text(&entry.value, "description").unwrap_or_default();
            let level = NsInstantiationLevel { id: id.clone(), description, ..Default::default() };
            flavour.instantiation_levels.insert(id, level);
        }
        if let Some(node) = policy.properties.get("default_level") {
            let name = node.text().unwrap_or_default();
            match flavour.instantiation_levels.contains_key(name) {
                true => flavour.default_level = Some(name.into()),
                false => unknown_level(context.log, node.place, name, flavour),
            }
        }
    }
    for base in TO_SCALE {
        for policy in topology.policies_of(library, base) {
            read_scale_mapping(context.log, policy, flavour);
        }
    }
    for base in TO_LEVEL {
        for policy in topology.policies_of(library, base) {
            read_level_mapping(context.log, policy, flavour);
        }
    }
}

fn aspect(entry: &Entry, log: &mut Log) -> NsScalingAspect {
    let mut aspect = NsScalingAspect {
        id: AspectId::from(entry.key.text.as_str()),
        name: text(&entry.value, "name").unwrap_or_default(),
        description: text(&entry.value, "description").unwrap_or_default(),
        levels: Default::default(),
    };
    for level in entries(entry.value.get("ns_scale_levels")) {
        let Ok(number) = level.key.text.parse() else {
            let message = format!("the scale level `{}` is no number", level.key.text);
            log.error(Code::WrongType, level.key.place, message)
                .help("levels are 0, 1, 2 and so on");
            continue;
        };
        let description = text(&level.value, "description").unwrap_or_default();
        aspect.levels.insert(number, NsScaleLevel { description, ..Default::default() });
    }
    aspect
}

fn read_scale_mapping(log: &mut Log, policy: &Policy, flavour: &mut NsFlavour) {
    let Some(named) = policy.properties.get("aspect") else { return };
    let name = named.text().unwrap_or_default();
    let Some(aspect) = flavour.scaling_aspects.get_mut(name) else {
        log.error(Code::UnknownAspect, named.place, format!("there is no scaling aspect `{name}`"))
            .near(|| did_you_mean(name, flavour.scaling_aspects.keys().map(AspectId::as_str)));
        return;
    };
    for entry in mapped(policy) {
        let level =
            entry.key.text.parse().ok().and_then(|number: u32| aspect.levels.get_mut(&number));
        let Some(level) = level else {
            let known: Vec<String> = aspect.levels.keys().map(ToString::to_string).collect();
            let message = format!("aspect `{name}` has no level `{}`", entry.key.text);
            log.error(Code::UnknownLevel, entry.key.place, message)
                .help(format!("its levels are {}", known.join(", ")));
            continue;
        };
        for (target, _) in &policy.targets {
            match entry.value.count() {
                Some(count) => {
                    level.counts.insert(target.as_str().into(), count);
                }
                None => {
                    level.link_bitrates.insert(target.as_str().into(), bitrate(&entry.value));
                }
            }
        }
    }
}

fn read_level_mapping(log: &mut Log, policy: &Policy, flavour: &mut NsFlavour) {
    for entry in mapped(policy) {
        let name = entry.key.text.as_str();
        let Some(level) = flavour.instantiation_levels.get_mut(name) else {
            unknown_level(log, entry.key.place, name, flavour);
            continue;
        };
        for (target, _) in &policy.targets {
            match entry.value.count() {
                Some(count) => {
                    level.counts.insert(target.as_str().into(), count);
                }
                None => {
                    level.link_bitrates.insert(target.as_str().into(), bitrate(&entry.value));
                }
            }
        }
    }
}

/// Numbers of VNFs and services, or bitrates of links, by level.
fn mapped(policy: &Policy) -> impl Iterator<Item = &Entry> {
    let of = |key: &str| entries(policy.properties.get(key)).iter();
    of("number_of_instances")
        .chain(of("bit_rate_requirements"))
        .filter(|e| !Node::is_null(&e.value))
}

fn unknown_level(log: &mut Log, place: Place, name: &str, flavour: &NsFlavour) {
    log.error(Code::UnknownLevel, place, format!("there is no instantiation level `{name}`"))
        .near(|| did_you_mean(name, flavour.instantiation_levels.keys().map(LevelId::as_str)));
}
