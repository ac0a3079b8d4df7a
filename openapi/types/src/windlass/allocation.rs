//! What a VNF holds: told by its VNFM, so that the NFVO's books follow the truth.

use serde::{Deserialize, Serialize};

use super::Capacity;
use crate::common::{Identifier, IdentifierInVnf};

/// What one VNFC of a VNF holds on a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfAllocation {
    /// The VNFC.
    pub vnfc: IdentifierInVnf,
    /// Its host.
    pub host_id: Identifier,
    /// Its machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vm_id: Option<Identifier>,
    /// What it takes there.
    pub takes: Capacity,
}
