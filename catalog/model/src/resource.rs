//! Who owns what we make.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::{NsInstanceId, OperationId, VnfInstanceId};

/// The instance that a resource belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Owner {
    /// A VNF instance: its machines, volumes and internal networks.
    Vnf(VnfInstanceId),
    /// An NS instance: its virtual links.
    Ns(NsInstanceId),
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vnf(id) => write!(f, "vnf/{id}"),
            Self::Ns(id) => write!(f, "ns/{id}"),
        }
    }
}

/// What every resource that we make carries, so that a repeated step finds it and an audit can
/// tell whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    /// The instance that the resource belongs to.
    pub owner: Owner,
    /// The operation that made it.
    pub operation: OperationId,
    /// Its name inside the owner, for people: `web-0`, `internal`.
    pub name: String,
}
