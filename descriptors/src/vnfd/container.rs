//! Containers (SOL001 4.x): what a deployable unit holds and which chart deploys it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ArtifactReference, CpuPinning, HugePages, SwImage};
use crate::names::{MciopId, VduId};

/// Containers that are deployed together: one pod.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DeployableUnit {
    /// The containers, in order of the requirements.
    pub containers: Vec<OsContainer>,
    /// The Kubernetes object that carries it: its name (`mcio_identification_data`).
    pub mcio_name: Option<String>,
    /// The Kubernetes object that carries it: `Deployment` or `StatefulSet`.
    pub mcio_type: Option<String>,
    /// Placement parameters that the chart takes.
    pub mcio_constraint_params: Vec<String>,
}

/// One container. CPU is in thousandths of a core.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OsContainer {
    /// The node template's name.
    pub id: String,
    /// The container's name.
    pub name: String,
    /// A description for people.
    pub description: String,
    /// CPU it is sure to get.
    pub requested_cpu_millis: Option<u64>,
    /// CPU it never gets more of.
    pub cpu_limit_millis: Option<u64>,
    /// Memory it is sure to get.
    pub requested_memory_bytes: Option<u64>,
    /// Memory it never gets more of.
    pub memory_limit_bytes: Option<u64>,
    /// Scratch space it is sure to get.
    pub requested_ephemeral_bytes: Option<u64>,
    /// Scratch space it never gets more of.
    pub ephemeral_limit_bytes: Option<u64>,
    /// Devices and other extended resources, by name.
    pub extended_resources: BTreeMap<String, u64>,
    /// Huge pages.
    pub huge_pages: Vec<HugePages>,
    /// How its CPUs are bound.
    pub cpu_pinning: Option<CpuPinning>,
    /// Its images.
    pub images: Vec<SwImage>,
}

/// A package of Kubernetes objects: a Helm chart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mciop {
    /// The node template's name.
    pub id: MciopId,
    /// The chart's file.
    pub artifacts: Vec<ArtifactReference>,
    /// The VDUs that it deploys.
    pub vdus: Vec<VduId>,
}

/// A port that a virtual connection point serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePort {
    /// The port's name.
    pub name: String,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// The port's number.
    pub port: u16,
    /// The number may be chosen at instantiation.
    pub configurable: bool,
}
