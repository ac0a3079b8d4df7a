//! Virtualisation deployment units: what one VNFC is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ConfigurableProperties, DeployableUnit, MonitoringParameter, SwImage, Text};
use crate::names::{StorageId, VduId};

/// A kind of VNFC: how many there may be, and what each needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vdu {
    /// The node template's name.
    pub id: VduId,
    /// A name for people, and for naming guests.
    pub name: String,
    /// A description for people.
    pub description: String,
    /// `vdu_profile`: never fewer than this many.
    pub min_instances: u32,
    /// `vdu_profile`: never more than this many.
    pub max_instances: u32,
    /// How many there are when every scaling aspect stands at level 0 (`VduInitialDelta`).
    pub initial_instances: Option<u32>,
    /// A virtual machine, or a group of containers.
    pub kind: VduKind,
    /// Storages attached to each VNFC, in order of the requirements.
    pub storages: Vec<StorageId>,
    /// Constraints on the infrastructure, by key.
    pub nfvi_constraints: BTreeMap<String, String>,
    /// What can be measured on each VNFC, by id.
    pub monitoring_parameters: BTreeMap<String, MonitoringParameter>,
    /// What can be configured on each VNFC.
    pub configurable_properties: ConfigurableProperties,
    /// Abstract capabilities asked of the platform, by id.
    pub requested_capabilities: BTreeMap<String, RequestedCapability>,
    /// Platform requirements on the node that runs it, by id (`logical_node`).
    pub logical_nodes: BTreeMap<String, BTreeMap<String, String>>,
    /// The node template's `metadata`, such as `windlass.readiness`.
    pub metadata: BTreeMap<String, String>,
}

impl Vdu {
    /// The virtual machine, when the VDU is one.
    #[must_use]
    pub fn compute(&self) -> Option<&Compute> {
        match &self.kind {
            VduKind::Compute(compute) => Some(compute),
            VduKind::Containers(_) => None,
        }
    }
}

/// What carries a VNFC.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VduKind {
    /// A virtual machine (`Vdu.Compute`).
    Compute(Box<Compute>),
    /// Containers deployed together (`Vdu.OsContainerDeployableUnit`, 4.x).
    Containers(DeployableUnit),
}

/// A virtual machine.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Compute {
    /// Virtual CPUs. 0 when the descriptor leaves the size to the platform (as CNF packages of 2.6.1 do).
    pub vcpus: u32,
    /// Instruction set, such as `x86_64`.
    pub cpu_architecture: Option<String>,
    /// CPU clock, in hertz.
    pub cpu_clock_hz: Option<u64>,
    /// CPU overcommitment, as the descriptor words it.
    pub cpu_oversubscription_policy: Option<String>,
    /// Further CPU requirements, by key.
    pub cpu_requirements: BTreeMap<String, String>,
    /// How virtual CPUs are bound to physical ones.
    pub cpu_pinning: Option<CpuPinning>,
    /// Memory, rounded up to whole MiB. 0 like [`Compute::vcpus`].
    pub memory_mib: u64,
    /// Memory overcommitment, as the descriptor words it.
    pub memory_oversubscription_policy: Option<String>,
    /// Further memory requirements, by key.
    pub memory_requirements: BTreeMap<String, String>,
    /// The guest's memory must follow the host's NUMA layout.
    pub numa_enabled: bool,
    /// Huge pages asked for (4.x).
    pub huge_pages: Vec<HugePages>,
    /// Further requirements on the machine, by key.
    pub compute_requirements: BTreeMap<String, String>,
    /// Disks that live and die with the machine.
    pub local_storages: Vec<LocalStorage>,
    /// What the machine boots from, or its kernel when the format is [`super::DiskFormat::Aki`].
    pub image: Option<SwImage>,
    /// Boot the storages in the order of their requirements.
    pub boot_order: bool,
    /// What the machine is told at first boot.
    pub boot_data: Option<BootData>,
}

/// How virtual CPUs are bound to physical ones.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CpuPinning {
    /// One physical CPU for each virtual CPU (`static`), instead of sharing (`dynamic`).
    pub is_static: bool,
    /// Which CPUs may be used, as the descriptor words it.
    pub rules: Vec<String>,
}

/// An amount of memory in pages of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HugePages {
    /// The size of one page.
    pub page_size_kib: u64,
    /// How much memory comes in such pages.
    pub requested_mib: u64,
}

/// A disk that lives and dies with its machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalStorage {
    /// Its size.
    pub size_bytes: u64,
    /// Further requirements, by key.
    pub requirements: BTreeMap<String, String>,
}

/// An abstract capability asked of the platform, such as a named machine type or an acceleration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedCapability {
    /// The capability's name.
    pub name: String,
    /// The VNF cannot run without it.
    pub mandatory: bool,
    /// The oldest version that will do.
    pub min_version: Option<String>,
    /// The version that would be best.
    pub preferred_version: Option<String>,
    /// What it must achieve, by key.
    pub target_performance: BTreeMap<String, String>,
}

/// What a machine is told at first boot. Every part is optional.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BootData {
    /// Keys and values.
    pub key_values: BTreeMap<String, Text>,
    /// A script or file.
    pub content: Option<BootContent>,
    /// Properties for one kind of VIM.
    pub vim_properties: BTreeMap<String, Text>,
    /// The kind of VIM that they are for.
    pub vim_type: Option<String>,
}

/// A script or file given to a machine at first boot.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BootContent {
    /// The text itself.
    pub content: Option<Text>,
    /// Where the text is in the package, instead.
    pub source_path: Option<String>,
    /// Where the guest finds it; user data when it says nothing.
    pub destination_path: Option<String>,
    /// Values for the placeholders in the text.
    pub variables: BTreeMap<String, Text>,
}
