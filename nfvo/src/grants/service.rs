//! The service that a VNF belongs to: where it is, who else is in it, what its descriptor asks.

use std::collections::{BTreeMap, BTreeSet};

use windlass_api::vnflcm::VnfInstance;
use windlass_descriptors::nsd::{NsAffinityRule, NsAffinityTarget, NsFlavour};
use windlass_model::{VimId, VnfInstanceId};
use windlass_planner::placement::{RuleKind, Scope};

use super::rules::{planner_scope, rule_kind};
use crate::catalog;
use crate::error::{Error, Result};
use crate::nfvo::Core;
use crate::operations::{self, profile_of};
use crate::vnfm::membership_of;

/// The service of a VNF.
pub(super) struct Service {
    /// The VIM that it is in, once that is decided.
    pub vim: Option<VimId>,
    /// Its VNFs, by their places.
    pub members: BTreeMap<String, VnfInstanceId>,
    /// Its flavour, as its descriptor has it.
    flavour: NsFlavour,
}

/// Parts of a service that belong together, or apart from each other.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bond {
    pub kind: RuleKind,
    pub scope: Scope,
    /// The places of each part: a VNF where the rule is on one profile, and all VNFs of a profile
    /// where it is on several.
    pub parties: Vec<BTreeSet<String>>,
}

/// The service that a VNF says it belongs to; `None` when it belongs to none that is known here.
pub(super) async fn of(core: &Core, vnf: &VnfInstance) -> Result<Option<Service>> {
    let Some((ns, place)) = membership_of(vnf) else { return Ok(None) };
    let stored = match core.store.ns_instances().get(ns).await {
        Ok(stored) => stored.document,
        Err(windlass_store::StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let outlook = operations::outlook(core, &stored).await?;
    let mut members = outlook.members;
    let id = vnf.id.parse().map_err(|_no_id| Error::not_found("VNF instance", &vnf.id))?;
    members.insert(place, id);
    let record = core.store.nsds().get(stored.nsd_info).await?.document;
    let nsd = catalog::nsd(core, &record).await?;
    let flavour = outlook.flavour.unwrap_or_else(|| nsd.default_flavour.as_str().to_owned());
    let flavour = nsd.flavour(&flavour).map_err(|unknown| Error::Conflict(unknown.to_string()))?;
    Ok(Some(Service { vim: outlook.vim, members, flavour: flavour.clone() }))
}

impl Service {
    /// What its descriptor asks of its VNFs' places.
    pub fn bonds(&self) -> Vec<Bond> {
        let places: BTreeSet<&str> = self.members.keys().map(String::as_str).collect();
        bonds(&self.flavour, &places)
    }
}

/// The affinity rules of a flavour, spelled out for the VNFs at these places.
pub(crate) fn bonds(flavour: &NsFlavour, places: &BTreeSet<&str>) -> Vec<Bond> {
    let of_profile = |profile: &str| -> BTreeSet<String> {
        let fits = places.iter().filter(|place| profile_of(place) == profile);
        fits.map(ToString::to_string).collect()
    };
    let bond = |rule: &NsAffinityRule| {
        let profiles = profiles(flavour, &rule.targets);
        let parties = profiles.iter().map(|profile| of_profile(profile));
        let parties = match profiles.len() {
            0 | 1 => parties.flatten().map(|place| [place].into()).collect(),
            _ => parties.collect(),
        };
        Some(Bond { kind: rule_kind(rule.affinity), scope: planner_scope(rule.scope)?, parties })
    };
    flavour.affinity_rules.iter().filter_map(bond).collect()
}

/// The profiles that a rule speaks of, with those of the groups that it names.
fn profiles<'a>(flavour: &'a NsFlavour, targets: &'a [NsAffinityTarget]) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    for target in targets {
        match target {
            NsAffinityTarget::Profile(profile) => {
                found.insert(profile.as_str());
            }
            NsAffinityTarget::Group(group) => {
                if let Some(group) = flavour.placement_groups.get(group) {
                    // Groups hold no groups.
                    found.extend(profiles_alone(&group.members));
                }
            }
            NsAffinityTarget::VirtualLink(_) | NsAffinityTarget::Sap(_) => {}
        }
    }
    found
}

fn profiles_alone(members: &[NsAffinityTarget]) -> impl Iterator<Item = &str> {
    members.iter().filter_map(|member| match member {
        NsAffinityTarget::Profile(profile) => Some(profile.as_str()),
        NsAffinityTarget::VirtualLink(_)
        | NsAffinityTarget::Sap(_)
        | NsAffinityTarget::Group(_) => None,
    })
}
