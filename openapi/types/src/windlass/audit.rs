//! What the VIMs hold and nobody owns, and what somebody owns and no VIM holds.

use serde::{Deserialize, Serialize};

use crate::common::{Identifier, IdentifierInVim};
use crate::grant::ResourceType;

/// The difference between what is recorded and what is there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditReport {
    #[serde(default)]
    pub orphans: Vec<OrphanResource>,
    #[serde(default)]
    pub missing: Vec<MissingResource>,
    /// Hosts that could not be asked: the report says nothing about them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<String>,
}

/// A resource that Windlass made and no instance owns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrphanResource {
    pub vim_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    pub resource_id: IdentifierInVim,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The instance that it was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<Identifier>,
    /// The operation that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<Identifier>,
}

/// A resource that an instance owns and no VIM has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MissingResource {
    pub vim_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    #[serde(rename = "type")]
    pub resource_type: ResourceType,
    pub resource_id: IdentifierInVim,
    pub instance_id: Identifier,
}
