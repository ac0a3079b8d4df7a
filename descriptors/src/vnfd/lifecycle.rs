//! What a VNF's management may do to it: operations, their configuration, and what can be read and changed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ArtifactReference;
use super::image::spelled;
use crate::names::CpId;

/// An operation of the VNF's lifecycle interface, as far as the VNFD says something about it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LcmOperation {
    /// The script that carries it out; `None` leaves it to the VNF manager.
    pub implementation: Option<ArtifactReference>,
    /// The parameters it takes, with their values or types. `{"get_input": ...}` where an input decides.
    pub inputs: BTreeMap<String, Value>,
}

/// How the lifecycle operations may be used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LcmOperationsConfiguration {
    /// Instantiation may name target scale levels (4.x).
    pub instantiate_to_scale_levels: bool,
    /// One scaling may go several steps.
    pub scale_by_several_steps: bool,
    /// Scaling may go to levels that are no instantiation level.
    pub scale_to_arbitrary_levels: bool,
    /// Termination waits at least this long for the VNF to stop.
    pub min_graceful_termination_timeout_ms: Option<u64>,
    /// Termination should not wait longer than this.
    pub max_graceful_termination_timeout_ms: Option<u64>,
    /// Stopping waits at least this long.
    pub min_graceful_stop_timeout_ms: Option<u64>,
    /// Stopping should not wait longer than this.
    pub max_graceful_stop_timeout_ms: Option<u64>,
    /// Causes of healing that the VNF knows.
    pub heal_causes: Vec<String>,
}

/// Something that can be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitoringParameter {
    /// A name for people.
    pub name: String,
    /// What is measured, such as `v_cpu_usage_mean_vnf`.
    pub performance_metric: String,
    /// How often.
    pub collection_period_ms: Option<u64>,
}

/// What can be configured.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ConfigurableProperties {
    /// Automatic healing is on; `None` when the VNF has no such thing.
    pub is_autoheal_enabled: Option<bool>,
    /// Automatic scaling is on; `None` when the VNF has no such thing.
    pub is_autoscale_enabled: Option<bool>,
    /// Further properties, with the values that the descriptor gives them.
    pub additional: BTreeMap<String, Value>,
}

/// What of a VNF instance's information can be changed at run time, with the values it starts with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModifiableAttributes {
    /// `extensions`.
    pub extensions: BTreeMap<String, Value>,
    /// `metadata`.
    pub metadata: BTreeMap<String, Value>,
}

/// An interface that the VNF itself offers to its manager.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SupportedInterface {
    /// Which interface.
    pub interface: InterfaceName,
    /// The connection points that serve it.
    pub connection_points: Vec<CpId>,
    /// Where it is: URI parts and data, as the descriptor has them.
    pub details: BTreeMap<String, Value>,
}

spelled! {
    /// An interface that a VNF can offer to its manager.
    InterfaceName {
        /// Indicators of the VNF's health and load.
        VnfIndicator = "vnf_indicator",
        /// Configuration.
        VnfConfiguration = "vnf_configuration",
        /// Coordination of lifecycle operations.
        VnfLcmCoordination = "vnf_lcm_coordination",
    }
}
