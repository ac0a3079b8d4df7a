//! Looking into a guest: its console, and commands through its agent.

use serde::{Deserialize, Serialize};

use crate::common::{Identifier, IdentifierInVnf};

/// The last lines that a guest wrote to its console.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleTail {
    pub vnf_instance_id: Identifier,
    pub vnfc_resource_info_id: IdentifierInVnf,
    #[serde(default)]
    pub lines: Vec<String>,
    /// Whether the guest wrote more before these.
    pub truncated: bool,
}

/// Runs a program in a guest and waits for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestExecRequest {
    pub path: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<u32>,
}

/// How the program ended and what it wrote.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestExecResponse {
    pub exit_code: i32,
    pub stdout: String,
    pub stderr: String,
    /// Whether the program wrote more than was kept.
    pub truncated: bool,
}

/// What a guest uses. Counters start with its machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GuestStats {
    /// The component.
    pub vnfc_resource_info_id: IdentifierInVnf,
    /// CPU time in milliseconds.
    pub cpu_time_ms: u64,
    /// Memory that the guest holds, in MiB.
    pub memory_mib: u64,
    /// Bytes read from all disks.
    pub disk_read_bytes: u64,
    /// Bytes written to all disks.
    pub disk_written_bytes: u64,
    /// Bytes received over all cards.
    pub net_received_bytes: u64,
    /// Bytes sent over all cards.
    pub net_sent_bytes: u64,
}
