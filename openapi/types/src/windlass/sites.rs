//! VIMs and hosts: where things can run.

use serde::{Deserialize, Serialize};

use crate::common::{Identifier, KeyValuePairs};
use crate::wire::wire_enum;

/// A VIM: a group of hosts that one adapter drives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Vim {
    pub id: Identifier,
    pub name: String,
    /// Which adapter drives it, such as `WINDLASS.LIBVIRT` or `WINDLASS.SIM`.
    pub vim_type: String,
    pub state: VimState,
    /// What every host of it can do; absent until a host was probed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<Accelerator>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
    /// The sum over its reachable hosts.
    pub capacity: Capacity,
    pub used: Capacity,
}

wire_enum! {
    /// Whether a VIM answers.
    pub enum VimState {
        /// All its hosts do.
        Reachable = "REACHABLE",
        /// Some of its hosts do.
        Degraded = "DEGRADED",
        /// None of its hosts does.
        Unreachable = "UNREACHABLE",
    }
}

wire_enum! {
    /// What runs the guests of a host.
    pub enum Accelerator {
        /// The processor.
        Kvm = "KVM",
        /// An emulator: everything works, slowly.
        Tcg = "TCG",
    }
}

/// A machine that runs VNFCs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Host {
    pub id: Identifier,
    pub vim_id: Identifier,
    pub name: String,
    pub zone: String,
    /// Where its hypervisor listens, such as `qemu+tls://host1/system`.
    pub uri: String,
    /// Whether it was asked to take nothing new and be emptied.
    pub drained: bool,
    /// The bridge that joins it to the other hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// The VLANs that networks across hosts may use, such as `100-199`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlans: Option<String>,
    pub state: HostState,
    /// Why, when it is UNREACHABLE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_detail: Option<String>,
    /// Absent until probed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accelerator: Option<Accelerator>,
    pub capacity: Capacity,
    pub used: Capacity,
}

wire_enum! {
    /// Whether a host takes work.
    pub enum HostState {
        /// It was just registered.
        Probing = "PROBING",
        /// It takes work.
        Reachable = "REACHABLE",
        /// It does not answer.
        Unreachable = "UNREACHABLE",
        /// It answers, and takes nothing new.
        Drained = "DRAINED",
    }
}

/// What a host has, or what of it is taken.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Capacity {
    pub vcpus: u32,
    pub memory_mib: u64,
    pub storage_gib: u64,
    /// One entry per page size.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hugepages: Vec<HugepageCapacity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numa_nodes: Vec<NumaNodeCapacity>,
}

/// Huge pages of one size.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HugepageCapacity {
    pub size_kib: u64,
    pub count: u64,
}

/// The share of one NUMA node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NumaNodeCapacity {
    pub id: u32,
    pub vcpus: u32,
    pub memory_mib: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hugepages: Vec<HugepageCapacity>,
}

/// Makes a VIM known, with the hosts it starts with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterVimRequest {
    pub name: String,
    pub vim_type: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<RegisterHostRequest>,
    /// What the adapter needs to know.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub interface_info: KeyValuePairs,
    /// Credentials; never sent back.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub access_info: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub extra: KeyValuePairs,
}

/// Adds a host to a VIM.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterHostRequest {
    pub name: String,
    pub zone: String,
    pub uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bridge: Option<String>,
    /// The VLANs that networks across hosts may use, such as `100-199`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vlans: Option<String>,
}

/// A merge patch of a host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostModifications {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drained: Option<bool>,
}
