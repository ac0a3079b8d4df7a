//! Whether the counts that scaling leads to agree with each other and with the VDUs' profiles.

use std::collections::BTreeMap;

use super::super::context::Context;
use crate::finding::Code;
use crate::names::{AspectId, VduId};
use crate::vnfd::Flavour;

pub(super) fn check(context: &mut Context<'_>, flavour: &Flavour) {
    check_profiles_are_ranges(context, flavour);
    check_steps(context, flavour);
    let highest =
        flavour.scaling_aspects.values().map(|a| (a.id.clone(), a.max_scale_level)).collect();
    let levels = flavour.instantiation_levels.keys();
    let mut sizes: Vec<(String, BTreeMap<VduId, u32>)> = Vec::new();
    sizes.extend(
        counts(flavour, &BTreeMap::new()).map(|counts| ("at the lowest levels".to_owned(), counts)),
    );
    sizes.extend(
        counts(flavour, &highest).map(|counts| ("at the highest levels".to_owned(), counts)),
    );
    for level in levels {
        if let Ok(counts) = flavour.initial_counts(Some(level.as_str())) {
            sizes.push((format!("at instantiation level `{level}`"), counts));
        }
    }
    for (when, counts) in &sizes {
        check_bounds(context, flavour, when, counts);
    }
    check_agreement(context, flavour);
}

fn counts(flavour: &Flavour, levels: &BTreeMap<AspectId, u32>) -> Option<BTreeMap<VduId, u32>> {
    flavour.counts_at(levels).ok()
}

fn check_profiles_are_ranges(context: &mut Context<'_>, flavour: &Flavour) {
    for vdu in flavour.vdus.values().filter(|vdu| vdu.min_instances > vdu.max_instances) {
        let Some(node) = context.topology.nodes.get(vdu.id.as_str()) else { continue };
        // A missing or misspelt profile has been noted already.
        let Some(profile) = node.get("vdu_profile") else { continue };
        if profile.get("max_number_of_instances").is_none() {
            continue;
        }
        let message = format!(
            "`{}` wants at least {} and at most {}",
            vdu.id, vdu.min_instances, vdu.max_instances
        );
        context
            .log
            .error(Code::Contradiction, profile.place, message)
            .help("`max_number_of_instances` is at least `min_number_of_instances`");
    }
}

fn check_steps(context: &mut Context<'_>, flavour: &Flavour) {
    for aspect in flavour.scaling_aspects.values() {
        let scales_something = aspect.steps.iter().any(|step| !step.vdus.is_empty());
        let policy = context
            .topology
            .policies
            .iter()
            .find(|policy| policy.properties.at(&["aspects", aspect.id.as_str()]).is_some());
        if let (false, Some(policy)) = (scales_something, policy) {
            let message = format!("the scaling aspect `{}` scales no VDU", aspect.id);
            context
                .log
                .warning(Code::NoEffect, policy.place, message)
                .help("add a tosca.policies.nfv.VduScalingAspectDeltas for it");
        }
    }
}

fn check_bounds(
    context: &mut Context<'_>,
    flavour: &Flavour,
    when: &str,
    counts: &BTreeMap<VduId, u32>,
) {
    for (id, count) in counts {
        let (Some(vdu), Some(node)) =
            (flavour.vdus.get(id), context.topology.nodes.get(id.as_str()))
        else {
            continue;
        };
        let range = vdu.min_instances..=vdu.max_instances;
        if !range.is_empty() && !range.contains(count) {
            let message = format!("`{id}` has {count} instances {when}");
            context
                .log
                .warning(Code::CountOutOfProfile, node.place, message)
                .help(format!("its profile allows {} to {}", vdu.min_instances, vdu.max_instances));
        }
    }
}

/// A level may state counts, and scale levels that lead to other counts.
fn check_agreement(context: &mut Context<'_>, flavour: &Flavour) {
    for level in flavour.instantiation_levels.values() {
        let Some(scaled) = counts(flavour, &level.scale_levels) else { continue };
        for (id, stated) in &level.vdu_counts {
            let (Some(scaled), Some(node)) =
                (scaled.get(id), context.topology.nodes.get(id.as_str()))
            else {
                continue;
            };
            if scaled != stated {
                let message = format!(
                    "instantiation level `{}` states {stated} of `{id}`, and its scale levels lead to {scaled}",
                    level.id
                );
                context.log.warning(Code::Contradiction, node.place, message).help(
                    "what the level states counts at instantiation, and the scale levels after",
                );
            }
        }
    }
}
