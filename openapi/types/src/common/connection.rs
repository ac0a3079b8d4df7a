//! Where resources live: VIM connections and handles (SOL003 clauses 4.4.1.6 and 4.4.1.7).

use serde::{Deserialize, Serialize};

use super::{Identifier, IdentifierInVim, KeyValuePairs};

/// How to reach one VIM (SOL003 clause 4.4.1.6).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VimConnectionInfo {
    /// The registered VIM; absent when the connection is used without registration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_id: Option<Identifier>,
    /// Which protocol the VIM speaks, such as `WINDLASS.LIBVIRT`.
    pub vim_type: String,
    /// Endpoints, in terms of the VIM type.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub interface_info: KeyValuePairs,
    /// Credentials, in terms of the VIM type. Never sent back to a client.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub access_info: KeyValuePairs,
    /// Whatever else the VIM type defines.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub extra: KeyValuePairs,
}

/// A resource in a VIM (SOL003 clause 4.4.1.7, SOL005 clause 4.4.1).
///
/// SOL003 says which VIM by connection, SOL005 by VIM; a handle carries the one its API wants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceHandle {
    /// SOL003: the key of the connection in the instance's `vimConnectionInfo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_connection_id: Option<Identifier>,
    /// SOL005: the registered VIM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_id: Option<Identifier>,
    /// Who manages the resource, when that is not the VIM itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_provider_id: Option<Identifier>,
    /// The VIM's own name for the resource.
    pub resource_id: IdentifierInVim,
    /// The VIM's word for the kind of resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vim_level_resource_type: Option<String>,
}
