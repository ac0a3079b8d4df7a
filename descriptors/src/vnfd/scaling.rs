//! Scaling: how many VNFCs there are of each VDU, at every level.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BitrateRequirements, Flavour, list};
use crate::names::{AspectId, CpId, LevelId, VduId, VirtualLinkId};

/// A direction in which a VNF scales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingAspect {
    /// The aspect's id.
    pub id: AspectId,
    /// A name for people.
    pub name: String,
    /// A description for people.
    pub description: String,
    /// The highest level; the lowest is 0.
    pub max_scale_level: u32,
    /// What each step up adds. The last one repeats when there are fewer than levels.
    pub steps: Vec<ScaleStep>,
}

/// What one step up adds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ScaleStep {
    /// The delta's id.
    pub delta: String,
    /// VNFCs, by VDU.
    pub vdus: BTreeMap<VduId, u32>,
    /// Bits per second, by link.
    pub link_bitrates: BTreeMap<VirtualLinkId, BitrateRequirements>,
    /// Shared addresses (4.x).
    pub vip_cps: BTreeMap<CpId, u32>,
}

/// A size that a VNF can start at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InstantiationLevel {
    /// The level's id.
    pub id: LevelId,
    /// A description for people.
    pub description: String,
    /// The scale level of each aspect; 0 for those it does not name.
    pub scale_levels: BTreeMap<AspectId, u32>,
    /// VNFCs, by VDU, where the level states them itself.
    pub vdu_counts: BTreeMap<VduId, u32>,
    /// Bits per second, by link.
    pub link_bitrates: BTreeMap<VirtualLinkId, BitrateRequirements>,
    /// Shared addresses (4.x).
    pub vip_cp_counts: BTreeMap<CpId, u32>,
}

/// A size was asked for that the flavour does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScalingError {
    /// No such aspect.
    #[error("there is no scaling aspect `{aspect}`; the flavour has {}", list(.known))]
    UnknownAspect {
        /// The aspect that was asked for.
        aspect: AspectId,
        /// The aspects that there are.
        known: Vec<AspectId>,
    },
    /// No such instantiation level.
    #[error("there is no instantiation level `{level}`; the flavour has {}", list(.known))]
    UnknownLevel {
        /// The level that was asked for.
        level: LevelId,
        /// The levels that there are.
        known: Vec<LevelId>,
    },
    /// The aspect does not go that high.
    #[error("aspect `{aspect}` has no level {level}: the highest is {max}")]
    BeyondMax {
        /// The aspect.
        aspect: AspectId,
        /// The level that was asked for.
        level: u32,
        /// The highest level.
        max: u32,
    },
}

impl ScalingAspect {
    /// What the step from `level - 1` to `level` adds; `None` at level 0 and where no delta is known.
    #[must_use]
    pub fn step_to(&self, level: u32) -> Option<&ScaleStep> {
        let index = usize::try_from(level.checked_sub(1)?).unwrap_or(usize::MAX);
        self.steps.get(index).or(self.steps.last())
    }

    /// VNFCs of a VDU that the aspect adds at a level. Saturates instead of overflowing.
    fn added(&self, vdu: &VduId, level: u32) -> u32 {
        let of = |step: &ScaleStep| step.vdus.get(vdu).copied().unwrap_or(0);
        let listed: u32 = self
            .steps
            .iter()
            .take(usize::try_from(level).unwrap_or(usize::MAX))
            .fold(0, |sum, step| sum.saturating_add(of(step)));
        let repeats = level.saturating_sub(u32::try_from(self.steps.len()).unwrap_or(u32::MAX));
        let repeated = self.steps.last().map_or(0, of).saturating_mul(repeats);
        listed.saturating_add(repeated)
    }
}

impl Flavour {
    /// VNFCs of each VDU right after instantiation at a level, or at the default one.
    ///
    /// # Errors
    /// When there is no such level.
    pub fn initial_counts(
        &self,
        level: Option<&str>,
    ) -> Result<BTreeMap<VduId, u32>, ScalingError> {
        let Some(level) = self.level_or_default(level)? else {
            return self.counts_at(&BTreeMap::new());
        };
        let mut counts = self.counts_at(&level.scale_levels)?;
        counts.extend(level.vdu_counts.iter().map(|(vdu, count)| (vdu.clone(), *count)));
        Ok(counts)
    }

    /// VNFCs of each VDU when the aspects stand at these levels. Aspects that are not named stand at 0.
    ///
    /// # Errors
    /// When an aspect is unknown or does not go that high.
    pub fn counts_at(
        &self,
        scale_levels: &BTreeMap<AspectId, u32>,
    ) -> Result<BTreeMap<VduId, u32>, ScalingError> {
        for (aspect, &level) in scale_levels {
            let max = self.max_scale_level(aspect.as_str())?;
            if level > max {
                return Err(ScalingError::BeyondMax { aspect: aspect.clone(), level, max });
            }
        }
        let count = |vdu: &super::Vdu| {
            scale_levels
                .iter()
                .filter_map(|(aspect, level)| Some((self.scaling_aspects.get(aspect)?, *level)))
                .fold(self.base_count(vdu), |sum, (aspect, level)| {
                    sum.saturating_add(aspect.added(&vdu.id, level))
                })
        };
        Ok(self.vdus.values().map(|vdu| (vdu.id.clone(), count(vdu))).collect())
    }

    /// The scale level of every aspect at an instantiation level, or at the default one.
    ///
    /// # Errors
    /// When there is no such level.
    pub fn levels_of(&self, level: Option<&str>) -> Result<BTreeMap<AspectId, u32>, ScalingError> {
        let mut levels: BTreeMap<_, _> =
            self.scaling_aspects.keys().map(|aspect| (aspect.clone(), 0)).collect();
        if let Some(level) = self.level_or_default(level)? {
            levels.extend(level.scale_levels.iter().map(|(aspect, at)| (aspect.clone(), *at)));
        }
        Ok(levels)
    }

    /// The highest level of an aspect.
    ///
    /// # Errors
    /// When there is no such aspect.
    pub fn max_scale_level(&self, aspect: &str) -> Result<u32, ScalingError> {
        self.scaling_aspects.get(aspect).map(|aspect| aspect.max_scale_level).ok_or_else(|| {
            ScalingError::UnknownAspect {
                aspect: aspect.into(),
                known: self.scaling_aspects.keys().cloned().collect(),
            }
        })
    }

    /// The level asked for; else the default; else the only one; else none.
    fn level_or_default(
        &self,
        level: Option<&str>,
    ) -> Result<Option<&InstantiationLevel>, ScalingError> {
        if let Some(level) = level.or(self.default_level.as_ref().map(LevelId::as_str)) {
            return self.instantiation_levels.get(level).map(Some).ok_or_else(|| {
                ScalingError::UnknownLevel {
                    level: level.into(),
                    known: self.instantiation_levels.keys().cloned().collect(),
                }
            });
        }
        let mut levels = self.instantiation_levels.values();
        Ok(levels.next().filter(|_| levels.next().is_none()))
    }

    /// VNFCs of a VDU when every aspect stands at 0.
    fn base_count(&self, vdu: &super::Vdu) -> u32 {
        vdu.initial_instances.unwrap_or(vdu.min_instances)
    }
}
