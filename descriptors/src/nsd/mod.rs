//! The NSD as a value with no invalid form: the functions of a network service and how they connect.

pub mod constituent;
pub mod flavour;
pub mod forwarding;
pub mod link;
pub mod scaling;

use serde::{Deserialize, Serialize};

use crate::names::{FlavourId, NsdId};
use crate::vnfd::UnknownFlavour;

pub use constituent::{LinkConnection, NestedNs, Pnf, VersionDependency, VnfProfile};
pub use flavour::{
    NsAffinityRule, NsAffinityTarget, NsFlavour, NsMonitoringParameter, NsPlacementGroup,
};
pub use forwarding::{Nfp, NfpPosition, NfpRule, Vnffg};
pub use link::{NsVirtualLink, Sap};
pub use scaling::{NsInstantiationLevel, NsScaleLevel, NsScalingAspect, ProfileCounts};

/// A network service, as its NSD describes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Nsd {
    /// `descriptor_id`.
    pub id: NsdId,
    /// Who designed it.
    pub designer: String,
    /// What it is called.
    pub name: String,
    /// Version of the descriptor.
    pub version: String,
    /// Stays the same over versions of the NSD.
    pub invariant_id: String,
    /// Stays the same over versions that behave the same from outside (4.x).
    pub ext_invariant_id: Option<String>,
    /// The flavour that the descriptor's own `flavour_id` names, else the first one.
    pub default_flavour: FlavourId,
    /// Every deployment flavour. Never empty.
    pub flavours: Vec<NsFlavour>,
}

impl Nsd {
    /// The flavour of this id.
    ///
    /// # Errors
    /// [`UnknownFlavour`] names the flavours that there are.
    pub fn flavour(&self, id: &str) -> Result<&NsFlavour, UnknownFlavour> {
        self.flavours.iter().find(|flavour| flavour.id == id).ok_or_else(|| UnknownFlavour {
            flavour: id.into(),
            known: self.flavours.iter().map(|flavour| flavour.id.clone()).collect(),
        })
    }
}
