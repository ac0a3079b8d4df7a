//! Virtual storages: what outlives a machine, or is shared by several.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SwImage;
use crate::names::{StorageId, VirtualLinkId};

/// A storage that VDUs attach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VirtualStorage {
    /// The node template's name.
    pub id: StorageId,
    /// Block, file or object.
    pub kind: StorageKind,
    /// Each VNFC has its own, instead of all sharing one.
    pub per_vnfc_instance: bool,
    /// What the storage starts with; the initial ramdisk when the format is [`super::DiskFormat::Ari`].
    pub image: Option<SwImage>,
    /// The node template's `metadata`.
    pub metadata: BTreeMap<String, String>,
}

/// What a storage is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StorageKind {
    /// A disk.
    Block {
        /// Its size.
        size_bytes: u64,
        /// Remote direct memory access is wanted.
        rdma_enabled: bool,
        /// Further requirements, by key.
        requirements: BTreeMap<String, String>,
    },
    /// A shared file system.
    File {
        /// Its size.
        size_bytes: u64,
        /// `nfs` or `cifs`.
        protocol: String,
        /// The link over which it is reached.
        virtual_link: Option<VirtualLinkId>,
    },
    /// A store of objects.
    Object {
        /// Its greatest size.
        max_size_bytes: Option<u64>,
    },
}
