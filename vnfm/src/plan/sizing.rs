//! Who comes and who goes.

use std::collections::{BTreeMap, BTreeSet};

use windlass_descriptors::names::{AspectId, VduId};
use windlass_descriptors::vnfd::Flavour;
use windlass_model::HostId;
use windlass_model::vnf::{InstantiatedVnf, Vnfc};

use super::PlanError;
use super::naming::new_vnfcs;

/// A component that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVnfc {
    /// Its name: `web-1`.
    pub name: String,
    /// Its VDU.
    pub vdu: String,
}

/// The difference between a VNF as it is and as it is asked to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sizing {
    /// The levels that the aspects will stand at.
    pub scale_levels: BTreeMap<String, u32>,
    /// Components to be made.
    pub add: Vec<NewVnfc>,
    /// Components to be removed, the youngest of each VDU first.
    pub remove: Vec<Vnfc>,
    /// Hosts that do not answer. What is to be removed there is left to the audit.
    pub lost: BTreeSet<HostId>,
}

/// The first size of a VNF.
///
/// # Errors
/// When the flavour has no such level.
pub fn first(flavour: &Flavour, level: Option<&str>) -> Result<Sizing, PlanError> {
    let counts = flavour.initial_counts(level)?;
    let levels = flavour.levels_of(level)?;
    Ok(resize(&InstantiatedVnf::default(), &counts, levels))
}

/// The size after `steps` out (or in) along an aspect.
///
/// # Errors
/// When there is no such aspect, or no such level.
pub fn by_steps(
    flavour: &Flavour,
    now: &InstantiatedVnf,
    aspect: &str,
    steps: u32,
    out: bool,
) -> Result<Sizing, PlanError> {
    let max = flavour.max_scale_level(aspect)?;
    let level = now.scale_levels.get(aspect).copied().unwrap_or(0);
    let target = if out {
        level.saturating_add(steps)
    } else {
        let below = || PlanError::BelowZero { aspect: aspect.to_owned(), level, steps };
        level.checked_sub(steps).ok_or_else(below)?
    };
    if target > max {
        let aspect = aspect.into();
        let error =
            windlass_descriptors::vnfd::ScalingError::BeyondMax { aspect, level: target, max };
        return Err(error.into());
    }
    let mut levels = levels_of(now);
    levels.insert(aspect.into(), target);
    relative(flavour, now, levels)
}

/// The size at an instantiation level, or at the scale levels that are named.
///
/// # Errors
/// When there is no such level or aspect, or neither is named.
pub fn to_level(
    flavour: &Flavour,
    now: &InstantiatedVnf,
    level: Option<&str>,
    scale: &[(String, u32)],
) -> Result<Sizing, PlanError> {
    if let Some(level) = level {
        let counts = flavour.initial_counts(Some(level))?;
        return Ok(resize(now, &counts, flavour.levels_of(Some(level))?));
    }
    if scale.is_empty() {
        return Err(PlanError::NoLevel);
    }
    let mut levels = levels_of(now);
    levels.extend(scale.iter().map(|(aspect, level)| (aspect.as_str().into(), *level)));
    relative(flavour, now, levels)
}

fn levels_of(now: &InstantiatedVnf) -> BTreeMap<AspectId, u32> {
    now.scale_levels.iter().map(|(aspect, level)| (aspect.as_str().into(), *level)).collect()
}

/// Changes each VDU by the difference that the levels make, so that a VNF whose first size was not
/// on its scale keeps what it has beside.
fn relative(
    flavour: &Flavour,
    now: &InstantiatedVnf,
    levels: BTreeMap<AspectId, u32>,
) -> Result<Sizing, PlanError> {
    let before = flavour.counts_at(&levels_of(now))?;
    let after = flavour.counts_at(&levels)?;
    let counts = after
        .into_iter()
        .map(|(vdu, count)| {
            let present = of_vdu(now, vdu.as_str()).len();
            let present = u32::try_from(present).unwrap_or(u32::MAX);
            let base = before.get(&vdu).copied().unwrap_or(0);
            let target = present.saturating_add(count).saturating_sub(base);
            (vdu, target)
        })
        .collect();
    Ok(resize(now, &counts, levels))
}

fn of_vdu<'a>(now: &'a InstantiatedVnf, vdu: &str) -> Vec<&'a Vnfc> {
    now.vnfcs.iter().filter(|vnfc| vnfc.vdu == vdu).collect()
}

fn resize(
    now: &InstantiatedVnf,
    counts: &BTreeMap<VduId, u32>,
    levels: BTreeMap<AspectId, u32>,
) -> Sizing {
    let mut sizing = Sizing {
        scale_levels: levels.into_iter().map(|(a, level)| (a.as_str().to_owned(), level)).collect(),
        ..Sizing::default()
    };
    for (vdu, &count) in counts {
        let present = of_vdu(now, vdu.as_str());
        let count_now = u32::try_from(present.len()).unwrap_or(u32::MAX);
        let taken: Vec<&str> = present.iter().map(|vnfc| vnfc.name.as_str()).collect();
        let names = new_vnfcs(vdu.as_str(), count.saturating_sub(count_now), &taken);
        let new = |name| NewVnfc { name, vdu: vdu.as_str().to_owned() };
        sizing.add.extend(names.into_iter().map(new));
        let gone = usize::try_from(count_now.saturating_sub(count)).unwrap_or(0);
        sizing.remove.extend(present.into_iter().rev().take(gone).cloned());
    }
    sizing
}
