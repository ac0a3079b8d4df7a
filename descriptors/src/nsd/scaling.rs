//! Scaling of a network service: how many of each constituent there are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::NsFlavour;
use crate::names::{AspectId, LevelId, ProfileId, VirtualLinkId};
use crate::vnfd::{BitrateRequirements, ScalingError};

/// How many there are of each constituent VNF or nested service.
pub type ProfileCounts = BTreeMap<ProfileId, u32>;

/// A direction in which a network service scales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NsScalingAspect {
    /// The aspect's id.
    pub id: AspectId,
    /// A name for people.
    pub name: String,
    /// A description for people.
    pub description: String,
    /// Its levels, from 0 up.
    pub levels: BTreeMap<u32, NsScaleLevel>,
}

/// What a scale level of a network service means.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NsScaleLevel {
    /// A description for people.
    pub description: String,
    /// Constituents that the level has, in total.
    pub counts: ProfileCounts,
    /// Bits per second of links.
    pub link_bitrates: BTreeMap<VirtualLinkId, BitrateRequirements>,
}

/// A size that a network service can start at.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NsInstantiationLevel {
    /// The level's id.
    pub id: LevelId,
    /// A description for people.
    pub description: String,
    /// Constituents that the level has, in total.
    pub counts: ProfileCounts,
    /// Bits per second of links.
    pub link_bitrates: BTreeMap<VirtualLinkId, BitrateRequirements>,
}

impl NsFlavour {
    /// Constituents right after instantiation at a level, or at the default one.
    /// A constituent that the level does not name has [`super::VnfProfile::initial_instances`].
    ///
    /// # Errors
    /// When there is no such level.
    pub fn initial_counts(&self, level: Option<&str>) -> Result<ProfileCounts, ScalingError> {
        let mut counts = self.base_counts();
        if let Some(level) = level.or(self.default_level.as_ref().map(LevelId::as_str)) {
            let level =
                self.instantiation_levels.get(level).ok_or_else(|| ScalingError::UnknownLevel {
                    level: level.into(),
                    known: self.instantiation_levels.keys().cloned().collect(),
                })?;
            counts.extend(level.counts.iter().map(|(profile, count)| (profile.clone(), *count)));
        }
        Ok(counts)
    }

    /// Constituents when the aspects stand at these levels.
    /// A constituent that no aspect names keeps its base count.
    ///
    /// # Errors
    /// When an aspect is unknown or has no such level.
    pub fn counts_at(
        &self,
        levels: &BTreeMap<AspectId, u32>,
    ) -> Result<ProfileCounts, ScalingError> {
        let mut counts = self.base_counts();
        for (id, &level) in levels {
            let aspect =
                self.scaling_aspects.get(id).ok_or_else(|| ScalingError::UnknownAspect {
                    aspect: id.clone(),
                    known: self.scaling_aspects.keys().cloned().collect(),
                })?;
            let Some(scale) = aspect.levels.get(&level) else {
                let max = aspect.levels.keys().last().copied().unwrap_or(0);
                return Err(ScalingError::BeyondMax { aspect: id.clone(), level, max });
            };
            counts.extend(scale.counts.iter().map(|(profile, count)| (profile.clone(), *count)));
        }
        Ok(counts)
    }

    fn base_counts(&self) -> ProfileCounts {
        let vnfs = self.vnfs.values().map(|vnf| (vnf.id.clone(), vnf.initial_instances()));
        let nested = self.nested.values().map(|ns| (ns.id.clone(), ns.min_instances));
        vnfs.chain(nested).collect()
    }
}
