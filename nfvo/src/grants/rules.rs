//! Together or apart: what a grant request and the service's descriptor ask, as planner's rules.

use std::collections::{BTreeMap, BTreeSet};

use windlass_api::grant::{
    AffinityOrAntiAffinity, ConstraintIdType, ConstraintResourceRef, PlacementConstraint,
    PlacementScope,
};
use windlass_descriptors::vnfd::{Affinity, Scope as DescribedScope};
use windlass_model::VnfInstanceId;
use windlass_planner::placement::{Rule, RuleKind, Scope};

use super::Question;
use super::ledger::Known;
use super::service::Service;

/// The name of a component that stands already.
pub(super) fn standing_name(vnf: VnfInstanceId, vnfc: &str) -> String {
    format!("{vnf}/{vnfc}")
}

/// All rules of a question.
pub(super) fn of(question: &Question<'_>, known: &Known) -> Vec<Rule> {
    let constraints = &question.request.placement_constraints;
    let mut rules: Vec<Rule> = constraints.iter().map(|one| constraint(question, one)).collect();
    if let Some(service) = &question.service {
        rules.extend(of_service(question, service, known));
    }
    rules
}

/// Rules that keep sets of items together, or apart from each other. Items of one set are never
/// kept apart: a rule between two VNFs says nothing about the components of one of them.
pub(crate) fn between(kind: RuleKind, scope: Scope, sets: &[BTreeSet<String>]) -> Vec<Rule> {
    let rule = |members: BTreeSet<String>| Rule { kind, scope, members, strict: true };
    let singles = sets.iter().all(|set| set.len() <= 1);
    if kind == RuleKind::Affinity || singles {
        let members: BTreeSet<String> = sets.iter().flatten().cloned().collect();
        return (members.len() > 1).then(|| rule(members)).into_iter().collect();
    }
    let mut rules = Vec::new();
    for (position, one) in sets.iter().enumerate() {
        for other in &sets[position + 1..] {
            let pairs = one.iter().flat_map(|a| other.iter().map(move |b| (a, b)));
            let pairs = pairs.filter(|(a, b)| a != b);
            rules.extend(pairs.map(|(a, b)| rule([a.clone(), b.clone()].into())));
        }
    }
    rules
}

/// The planner's word for a descriptor's affinity.
pub(crate) fn rule_kind(affinity: Affinity) -> RuleKind {
    match affinity {
        Affinity::Affinity => RuleKind::Affinity,
        Affinity::AntiAffinity => RuleKind::AntiAffinity,
    }
}

/// The planner's word for a descriptor's scope; `None` for one that places no machines.
pub(crate) fn planner_scope(scope: DescribedScope) -> Option<Scope> {
    match scope {
        DescribedScope::NfviNode | DescribedScope::NetworkLinkAndNode => Some(Scope::Host),
        DescribedScope::Zone | DescribedScope::ZoneGroup => Some(Scope::Zone),
        DescribedScope::NfviPop => Some(Scope::Vim),
        DescribedScope::ContainerNamespace
        | DescribedScope::CisNode
        | DescribedScope::L2Network => None,
    }
}

fn constraint(question: &Question<'_>, constraint: &PlacementConstraint) -> Rule {
    Rule {
        kind: match constraint.affinity_or_anti_affinity {
            AffinityOrAntiAffinity::Affinity => RuleKind::Affinity,
            AffinityOrAntiAffinity::AntiAffinity => RuleKind::AntiAffinity,
        },
        scope: match constraint.scope {
            PlacementScope::NfviNode => Scope::Host,
            PlacementScope::Zone | PlacementScope::ZoneGroup => Scope::Zone,
            PlacementScope::NfviPop => Scope::Vim,
        },
        members: constraint.resource.iter().map(|one| member(question, one)).collect(),
        strict: !constraint.fallback_best_effort.unwrap_or(false),
    }
}

/// The item that a reference means: one that is asked for, or one that stands. A machine is
/// referred to by its own id; which component it is, its VNF knows.
fn member(question: &Question<'_>, reference: &ConstraintResourceRef) -> String {
    match reference.id_type {
        ConstraintIdType::Grant => reference.resource_id.clone(),
        ConstraintIdType::ResMgmt => {
            let info =
                question.instance.as_ref().and_then(|vnf| vnf.instantiated_vnf_info.as_ref());
            let mut vnfcs = info.iter().flat_map(|info| &info.vnfc_resource_info);
            let vnfc =
                vnfcs.find(|vnfc| vnfc.compute_resource.resource_id == reference.resource_id);
            let name = vnfc.map_or(reference.resource_id.as_str(), |vnfc| vnfc.id.as_str());
            standing_name(question.vnf, name)
        }
    }
}

/// The rules of the service between its VNFs, as far as they concern the one that asks.
fn of_service(question: &Question<'_>, service: &Service, known: &Known) -> Vec<Rule> {
    let mut components: BTreeMap<VnfInstanceId, BTreeSet<String>> = BTreeMap::new();
    let members = service.members.values().map(|vnf| known.held_by(*vnf));
    for one in members.flatten() {
        if one.vnf != question.vnf || !question.leaves(&one.vnfc) {
            components.entry(one.vnf).or_default().insert(standing_name(one.vnf, &one.vnfc));
        }
    }
    let own = components.entry(question.vnf).or_default();
    own.extend(question.items.keys().cloned());

    let of_place = |place: &String| service.members.get(place).and_then(|vnf| components.get(vnf));
    let of_party = |places: &BTreeSet<String>| {
        places.iter().filter_map(of_place).flatten().cloned().collect::<BTreeSet<String>>()
    };
    let rules = service.bonds().into_iter().flat_map(|bond| {
        let parties: Vec<_> = bond.parties.iter().map(of_party).collect();
        between(bond.kind, bond.scope, &parties)
    });
    // What stands already stands; only what is asked for can still be placed.
    rules.filter(|rule| question.items.keys().any(|item| rule.members.contains(item))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(members: &[&str]) -> BTreeSet<String> {
        members.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn vnfs_are_kept_apart_without_keeping_the_components_of_one_apart() {
        let sets = [set(&["a-0", "a-1"]), set(&["b-0"])];
        let rules = between(RuleKind::AntiAffinity, Scope::Host, &sets);
        let members: Vec<_> = rules.into_iter().map(|rule| rule.members).collect();
        assert_eq!(members, [set(&["a-0", "b-0"]), set(&["a-1", "b-0"])]);
    }

    #[test]
    fn one_rule_keeps_everybody_together() {
        let sets = [set(&["a-0", "a-1"]), set(&["b-0"])];
        let rules = between(RuleKind::Affinity, Scope::Zone, &sets);
        assert_eq!(rules.len(), 1);
        assert_eq!(rules[0].members, set(&["a-0", "a-1", "b-0"]));
        assert!(between(RuleKind::Affinity, Scope::Zone, &[set(&["alone"])]).is_empty());
    }
}
