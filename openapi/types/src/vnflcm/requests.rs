//! What may be asked of a VNF (SOL003 clauses 5.5.2.3 to 5.5.2.12).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::VnfOperationalState;
use crate::common::{
    ExtManagedVirtualLinkData, ExtVirtualLinkData, Identifier, IdentifierInVnf, IdentifierInVnfd,
    KeyValuePairs, ScaleInfo, VimConnectionInfo,
};
use crate::wire::wire_enum;

/// Asks for the identifier of a VNF to be (SOL003 clause 5.5.2.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateVnfRequest {
    pub vnfd_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_description: Option<String>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
}

/// A merge patch of a VNF instance (SOL003 clause 5.5.2.12).
///
/// Maps are merged key by key and a `null` removes a key, so their values stay free JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfInfoModificationRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_pkg_id: Option<Identifier>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub vnf_configurable_properties: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub extensions: KeyValuePairs,
    /// Connections by key; an entry may be partial, or `null` to remove it.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub vim_connection_info: KeyValuePairs,
}

/// Asks for a VNF's resources (SOL003 clause 5.5.2.4).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstantiateVnfRequest {
    pub flavour_id: IdentifierInVnfd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instantiation_level_id: Option<IdentifierInVnfd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_virtual_links: Vec<ExtVirtualLinkData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ext_managed_virtual_links: Vec<ExtManagedVirtualLinkData>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vim_connection_info: BTreeMap<String, VimConnectionInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub localization_language: Option<String>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub extensions: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub vnf_configurable_properties: KeyValuePairs,
}

/// Asks for so many steps in one aspect (SOL003 clause 5.5.2.5).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleVnfRequest {
    #[serde(rename = "type")]
    pub scale_type: ScaleType,
    pub aspect_id: IdentifierInVnfd,
    /// One, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_steps: Option<u32>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}

wire_enum! {
    /// Which way to scale.
    pub enum ScaleType {
        ScaleOut = "SCALE_OUT",
        ScaleIn = "SCALE_IN",
    }
}

/// Asks for a level: an instantiation level, or one level per aspect (SOL003 clause 5.5.2.6).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleVnfToLevelRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instantiation_level_id: Option<IdentifierInVnfd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scale_info: Vec<ScaleInfo>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}

/// Asks a VNF to start or stop (SOL003 clause 5.5.2.10).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperateVnfRequest {
    pub change_state_to: VnfOperationalState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_type: Option<StopType>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graceful_stop_timeout: Option<u32>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
    /// Only these VNFCs (SOL002); all when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfc_instance_id: Vec<IdentifierInVnf>,
}

wire_enum! {
    /// How a VNF is stopped or terminated (SOL003 clause 5.5.4.4).
    pub enum StopType {
        /// At once.
        Forceful = "FORCEFUL",
        /// After the guest was asked, and given time.
        Graceful = "GRACEFUL",
    }
}

/// Asks for a VNF to be made whole again (SOL003 clause 5.5.2.9).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealVnfRequest {
    /// Only these VNFCs (SOL002); whatever is broken when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfc_instance_id: Vec<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// A script of the VNFD (SOL002).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heal_script: Option<String>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}

/// Asks for a VNF's resources to be released (SOL003 clause 5.5.2.8).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TerminateVnfRequest {
    pub termination_type: StopType,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graceful_termination_timeout: Option<u32>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}
