//! What may be asked of a network service (SOL005 clause 6.5.2).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::NsScaleInfo;
use crate::common::{
    CpProtocolData, Identifier, IdentifierInNsd, IdentifierInVnf, IdentifierInVnfd, KeyValuePairs,
    ScaleInfo,
};
use crate::grant::{AffinityOrAntiAffinity, PlacementScope};
use crate::vnflcm::{ScaleType, StopType};
use crate::wire::wire_enum;

/// Asks for the identifier of a service to be (SOL005 clause 6.5.2.8).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateNsRequest {
    pub nsd_id: Identifier,
    pub ns_name: String,
    pub ns_description: String,
}

/// Asks for the service's VNFs and networks (SOL005 clause 6.5.2.11).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstantiateNsRequest {
    pub ns_flavour_id: IdentifierInNsd,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sap_data: Vec<SapData>,
    /// VNFs that exist already and join the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_instance_data: Vec<VnfInstanceData>,
    /// Services that exist already and are nested in this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nested_ns_instance_data: Vec<NestedNsInstanceData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub location_constraints: Vec<VnfLocationConstraint>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params_for_ns: KeyValuePairs,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_params_for_nested_ns: Vec<ParamsForNestedNs>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_params_for_vnf: Vec<ParamsForVnf>,
    /// Now, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns_instantiation_level_id: Option<IdentifierInNsd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_affinity_or_anti_affinity_rule: Vec<AffinityOrAntiAffinityRule>,
}

/// How to make a service access point (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SapData {
    pub sapd_id: IdentifierInNsd,
    pub sap_name: String,
    pub description: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sap_protocol_data: Vec<CpProtocolData>,
}

/// A VNF that joins, and the profile that it fills (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfInstanceData {
    pub vnf_instance_id: Identifier,
    pub vnf_profile_id: IdentifierInNsd,
}

/// A service that is nested, and the profile that it fills (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NestedNsInstanceData {
    pub nested_ns_instance_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns_profile_id: Option<IdentifierInNsd>,
}

/// Where a VNF may be (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VnfLocationConstraint {
    pub vnf_profile_id: IdentifierInNsd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location_constraints: Option<LocationConstraints>,
}

/// A place on Earth (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationConstraints {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub civic_address_element: Vec<CivicAddressElement>,
    /// GeoJSON.
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub area: KeyValuePairs,
}

/// A line of a civic address (RFC 4776).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CivicAddressElement {
    pub ca_type: u32,
    pub ca_value: String,
}

/// Parameters for a nested service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParamsForNestedNs {
    pub ns_profile_id: IdentifierInNsd,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_param: Vec<KeyValuePairs>,
}

/// Parameters for the VNFs of a profile (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParamsForVnf {
    pub vnf_profile_id: IdentifierInNsd,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instance_description: Option<String>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub vnf_configurable_properties: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub metadata: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub extensions: KeyValuePairs,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}

/// VNFs to keep together or apart, beside what the NSD says (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AffinityOrAntiAffinityRule {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfd_id: Vec<Identifier>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_profile_id: Vec<IdentifierInNsd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_instance_id: Vec<Identifier>,
    // The standard misspells it; a client that does not is understood as well.
    #[serde(rename = "affinityOrAntiAffiinty", alias = "affinityOrAntiAffinity")]
    pub affinity_or_anti_affinity: AffinityOrAntiAffinity,
    pub scope: PlacementScope,
}

/// Asks for the service's resources to be released (SOL005 clause 6.5.2.15).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TerminateNsRequest {
    /// Now, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_time: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminate_ns_data: Option<TerminateNsData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub terminate_vnf_data: Vec<TerminateVnfData>,
}

/// Parameters of a termination (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TerminateNsData {
    #[serde(
        rename = "additionalParamsforNs",
        default,
        skip_serializing_if = "KeyValuePairs::is_empty"
    )]
    pub additional_params_for_ns: KeyValuePairs,
}

/// How to terminate one VNF (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TerminateVnfData {
    pub vnf_instance_id: Identifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub termination_type: Option<StopType>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub graceful_termination_timeout: Option<u32>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}

/// Asks for a service to be scaled (SOL005 clause 6.5.2.14).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleNsRequest {
    pub scale_type: NsScaleType,
    /// Present when `scaleType` is SCALE_NS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_ns_data: Option<ScaleNsData>,
    /// Present when `scaleType` is SCALE_VNF.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scale_vnf_data: Vec<ScaleVnfData>,
    /// Now, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_time: Option<DateTime<Utc>>,
}

wire_enum! {
    /// What is scaled.
    pub enum NsScaleType {
        /// The service: VNFs come and go.
        ScaleNs = "SCALE_NS",
        /// VNFs of the service: each grows or shrinks.
        ScaleVnf = "SCALE_VNF",
    }
}

/// How to scale the service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleNsData {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_instance_to_be_added: Vec<VnfInstanceData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_instance_to_be_removed: Vec<Identifier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_ns_by_steps_data: Option<ScaleNsByStepsData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_ns_to_level_data: Option<ScaleNsToLevelData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_params_for_ns: Option<ParamsForVnf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub additional_params_for_vnf: Vec<ParamsForVnf>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub location_constraints: Vec<VnfLocationConstraint>,
}

/// So many steps in one aspect of the service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleNsByStepsData {
    pub scaling_direction: ScaleType,
    pub aspect_id: IdentifierInNsd,
    /// One, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_steps: Option<u32>,
}

/// An instantiation level of the service, or one level per aspect (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleNsToLevelData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ns_instantiation_level: Option<IdentifierInNsd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ns_scale_info: Vec<NsScaleInfo>,
}

/// How to scale one VNF (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleVnfData {
    pub vnf_instance_id: Identifier,
    pub scale_vnf_type: ScaleVnfType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_to_level_data: Option<ScaleToLevelData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale_by_step_data: Option<ScaleByStepData>,
}

wire_enum! {
    /// Which way to scale a VNF.
    pub enum ScaleVnfType {
        ScaleOut = "SCALE_OUT",
        ScaleIn = "SCALE_IN",
        ScaleToInstantiationLevel = "SCALE_TO_INSTANTIATION_LEVEL",
        ScaleToScaleLevels = "SCALE_TO_SCALE_LEVEL(S)",
    }
}

/// A level of a VNF (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleToLevelData {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnf_instantiation_level_id: Option<IdentifierInVnfd>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnf_scale_info: Vec<ScaleInfo>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}

/// So many steps in one aspect of a VNF (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleByStepData {
    pub aspect_id: IdentifierInVnfd,
    /// One, when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number_of_steps: Option<u32>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}

/// Asks for a service to be made whole again: all of it, or some VNFs (SOL005 clause 6.5.2.13).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealNsRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heal_ns_data: Option<HealNsData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heal_vnf_data: Vec<HealVnfData>,
}

/// How far to heal the service (SOL005 clause 6.5.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealNsData {
    pub degree_healing: DegreeHealing,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions_healing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heal_script: Option<IdentifierInNsd>,
    #[serde(
        rename = "additionalParamsforNs",
        default,
        skip_serializing_if = "KeyValuePairs::is_empty"
    )]
    pub additional_params_for_ns: KeyValuePairs,
}

wire_enum! {
    /// How far to heal.
    pub enum DegreeHealing {
        /// As it was before the failure.
        HealRestore = "HEAL_RESTORE",
        /// Until it delivers what it promised.
        HealQos = "HEAL_QOS",
        /// As it was when instantiated.
        HealReset = "HEAL_RESET",
        PartialHealing = "PARTIAL_HEALING",
    }
}

/// How to heal one VNF (SOL005 clause 6.5.3).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HealVnfData {
    pub vnf_instance_id: Identifier,
    /// Only these VNFCs; whatever is broken when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vnfc_instance_id: Vec<IdentifierInVnf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    #[serde(default, skip_serializing_if = "KeyValuePairs::is_empty")]
    pub additional_params: KeyValuePairs,
}
