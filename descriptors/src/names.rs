//! Names that a descriptor gives to its parts. One type each, so that an aspect never stands where a VDU should.

use std::borrow::Borrow;
use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! name {
    ($(#[doc = $doc:literal] $name:ident)*) => {$(
        #[doc = $doc]
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The name as the descriptor spells it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(name.to_owned())
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(name)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

name! {
    /// Identifies a VNFD: its `descriptor_id`.
    VnfdId
    /// Identifies an NSD: its `descriptor_id`.
    NsdId
    /// Identifies a PNFD: its `descriptor_id`.
    PnfdId
    /// Names a deployment flavour, of a VNF or of a network service.
    FlavourId
    /// Names a VDU inside a flavour.
    VduId
    /// Names a virtual storage inside a flavour.
    StorageId
    /// Names a connection point of a VNF, a PNF or a network service.
    CpId
    /// Names a virtual link, of a VNF or of a network service.
    VirtualLinkId
    /// Names a scaling aspect, of a VNF or of a network service.
    AspectId
    /// Names an instantiation level, of a VNF or of a network service.
    LevelId
    /// Names a constituent of a network service: a VNF, PNF or nested NS profile.
    ProfileId
    /// Names a placement group.
    GroupId
    /// Names a Helm chart or other managed container infrastructure object package.
    MciopId
}
