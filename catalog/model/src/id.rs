//! Typed identifiers: a host is never taken for a VNF.

mod source;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use source::seed_ids;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier that sorts by the time of its making (UUID version 7).
            #[must_use]
            pub fn new() -> Self {
                Self(source::fresh())
            }

            /// The identifier that `name` has inside `scope`: the same input gives the same id
            /// (UUID version 5), so a plan that is made twice names the same things.
            #[must_use]
            pub fn named(scope: Uuid, name: &str) -> Self {
                Self(Uuid::new_v5(&scope, name.as_bytes()))
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Uuid {
                id.0
            }
        }
    )*};
}

ids! {
    /// A VNF instance (SOL003 `vnfInstanceId`).
    VnfInstanceId;
    /// An NS instance (SOL005 `nsInstanceId`).
    NsInstanceId;
    /// A lifecycle operation (SOL003 `vnfLcmOpOccId`, SOL005 `nsLcmOpOccId`).
    OperationId;
    /// An individual VNF package (SOL005 `vnfPkgId`).
    VnfPackageId;
    /// An individual NS descriptor (SOL005 `nsdInfoId`).
    NsdInfoId;
    /// A virtualised infrastructure manager that is registered here.
    VimId;
    /// A host of a VIM.
    HostId;
    /// A virtual machine; in libvirt the domain's UUID.
    VmId;
    /// A virtual network; it may span hosts of one VIM.
    NetworkId;
    /// A virtual volume.
    VolumeId;
    /// A grant (SOL003 clause 9).
    GrantId;
    /// An alarm (SOL003 clause 7).
    AlarmId;
    /// A subscription to notifications.
    SubscriptionId;
}

/// The SHA-256 of an image's content: what the image is, whatever it is called.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageDigest(String);

/// Text that is not a SHA-256 digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a SHA-256 digest: 64 lower-case hexadecimal digits are wanted")]
pub struct NotADigest(pub String);

impl ImageDigest {
    /// The 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ImageDigest {
    type Error = NotADigest;
    fn try_from(text: String) -> Result<Self, NotADigest> {
        let lower = text.to_ascii_lowercase();
        let good = lower.len() == 64 && lower.bytes().all(|b| b.is_ascii_hexdigit());
        if good { Ok(Self(lower)) } else { Err(NotADigest(text)) }
    }
}

impl FromStr for ImageDigest {
    type Err = NotADigest;
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        Self::try_from(text.to_owned())
    }
}

impl From<ImageDigest> for String {
    fn from(digest: ImageDigest) -> String {
        digest.0
    }
}

impl fmt::Display for ImageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ImageDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{}", &self.0[..12])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_in_the_same_scope_is_the_same_thing() {
        let scope = Uuid::from_u128(7);
        assert_eq!(VmId::named(scope, "web-0"), VmId::named(scope, "web-0"));
        assert_ne!(VmId::named(scope, "web-0"), VmId::named(scope, "web-1"));
    }

    #[test]
    fn a_digest_is_64_hexadecimal_digits_and_nothing_else() {
        assert!("ab".repeat(32).parse::<ImageDigest>().is_ok());
        for bad in ["", "xyz", &"g".repeat(64), &"a".repeat(63)] {
            assert!(bad.parse::<ImageDigest>().is_err(), "{bad:?} was taken for a digest");
        }
    }
}
