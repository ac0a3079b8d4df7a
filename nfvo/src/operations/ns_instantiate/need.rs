//! Which VIM has room for the whole service.

use std::collections::{BTreeMap, BTreeSet};

use windlass_descriptors::vnfd::{AffinityRule, AffinityTarget, Flavour};
use windlass_lcm::StepError;
use windlass_model::{HostState, Vim};
use windlass_planner::placement::{Ask, Rule, place};

use super::design::{Constituent, Design};
use crate::grants::{between, bonds, item_of, planner_scope, rule_kind};
use crate::nfvo::Core;

/// The VIM in which all VNFs of a service fit together. Their hosts are chosen later, grant by
/// grant: this placement only shows that there is one.
pub(super) async fn choose_vim(core: &Core, design: &Design) -> Result<Vim, StepError> {
    let ask = ask(design)?;
    let known = core.ledger.look(&core.store).await?;
    let site = known.site();
    let placement = place(&ask, site, core.settings.policy)
        .map_err(|no_room| StepError::lasting(507, no_room.to_string()))?;
    let chosen = placement.values().next().map(|spot| spot.vim);
    let open = |vim: &Vim| {
        vim.hosts.iter().any(|host| host.state == HostState::Reachable && !host.drained)
    };
    let fits = |vim: &&Vim| chosen.map_or_else(|| open(vim), |chosen| vim.id == chosen);
    let vim = site.vims.iter().find(fits).cloned();
    vim.ok_or_else(|| StepError::lasting(507, "no registered VIM has a host that answers"))
}

/// Everything that the service needs, with what its descriptors ask of the places.
fn ask(design: &Design) -> Result<Ask, StepError> {
    let mut ask = Ask { same_vim: true, ..Ask::default() };
    let mut vnfcs: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (place, vnf) in &design.vnfs {
        let of_vdu = components(place, vnf)?;
        for (vdu, names) in &of_vdu {
            let item = item_of(&vnf.flavour, vdu);
            let item = item.map_err(|told| StepError::lasting(422, format!("{place}: {told}")))?;
            ask.items.extend(names.iter().map(|name| (name.clone(), item.clone())));
        }
        for rule in &vnf.flavour.affinity_rules {
            ask.rules.extend(inside(&vnf.flavour, rule, &of_vdu));
        }
        vnfcs.insert(place, of_vdu.into_values().flatten().collect());
    }
    let places: BTreeSet<&str> = design.vnfs.keys().map(String::as_str).collect();
    for bond in bonds(&design.flavour, &places) {
        let party = |places: &BTreeSet<String>| {
            places.iter().filter_map(|place| vnfcs.get(place.as_str())).flatten().cloned().collect()
        };
        let parties: Vec<BTreeSet<String>> = bond.parties.iter().map(party).collect();
        ask.rules.extend(between(bond.kind, bond.scope, &parties));
    }
    Ok(ask)
}

/// The VNFCs that a VNF starts with, by their VDUs.
fn components<'a>(
    place: &str,
    vnf: &'a Constituent,
) -> Result<BTreeMap<&'a str, BTreeSet<String>>, StepError> {
    let level = vnf.profile.instantiation_level.as_ref().map(|level| level.as_str());
    let counts = vnf.flavour.initial_counts(level);
    let counts = counts.map_err(|error| StepError::lasting(422, format!("{place}: {error}")))?;
    let names = |vdu: &str, count: u32| (0..count).map(|i| format!("{place}/{vdu}-{i}")).collect();
    let known = vnf.flavour.vdus.keys();
    Ok(known
        .map(|vdu| (vdu.as_str(), names(vdu.as_str(), counts.get(vdu).copied().unwrap_or(0))))
        .collect())
}

/// A rule of a VNFD between the components of one VNF.
fn inside(
    flavour: &Flavour,
    rule: &AffinityRule,
    of_vdu: &BTreeMap<&str, BTreeSet<String>>,
) -> Vec<Rule> {
    let Some(scope) = planner_scope(rule.scope) else { return Vec::new() };
    let vdus: BTreeSet<&str> = rule.targets.iter().flat_map(|one| vdus(flavour, one)).collect();
    let sets = vdus.iter().filter_map(|vdu| of_vdu.get(vdu));
    // A rule on one VDU is between its components; a rule on several is between the VDUs.
    let sets: Vec<BTreeSet<String>> = match vdus.len() {
        0 | 1 => sets.flatten().map(|name| [name.clone()].into()).collect(),
        _ => sets.cloned().collect(),
    };
    between(rule_kind(rule.affinity), scope, &sets)
}

fn vdus<'a>(flavour: &'a Flavour, target: &'a AffinityTarget) -> Vec<&'a str> {
    match target {
        AffinityTarget::Vdu(vdu) => vec![vdu.as_str()],
        AffinityTarget::Group(group) => {
            let group = flavour.placement_groups.get(group);
            let members = group.iter().flat_map(|group| &group.members);
            // Groups hold no groups, so this does not go deeper.
            let single = members.filter_map(|member| match member {
                AffinityTarget::Vdu(vdu) => Some(vdu.as_str()),
                AffinityTarget::VirtualLink(_)
                | AffinityTarget::Group(_)
                | AffinityTarget::Mciop(_) => None,
            });
            single.collect()
        }
        AffinityTarget::VirtualLink(_) | AffinityTarget::Mciop(_) => Vec::new(),
    }
}
