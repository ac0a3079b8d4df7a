//! Links between constituents, and the points where the service is reached.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::names::VirtualLinkId;
use crate::vnfd::{ConnectionPoint, LayerProtocol, LinkProfile};

/// A network between the constituents of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NsVirtualLink {
    /// The node template's name.
    pub id: VirtualLinkId,
    /// A description for people.
    pub description: Option<String>,
    /// The layers it carries.
    pub layer_protocols: Vec<LayerProtocol>,
    /// `line`, `tree` or `mesh`.
    pub flow_pattern: Option<String>,
    /// Ways in which it can be tested.
    pub test_access: Vec<String>,
    /// What it must be able to do. Subnets are in the standard from 4.x on; the gateway is
    /// `l3_protocol_data.gateway_ip`, which SOL001 has for links of VNFs only, or `windlass.gateway_ip` in the metadata.
    pub profile: LinkProfile,
    /// Class of availability, 1 the highest.
    pub service_availability_level: Option<u32>,
    /// The node template's `metadata`.
    pub metadata: BTreeMap<String, String>,
}

/// A point where the service is reached from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sap {
    /// What every connection point has.
    #[serde(flatten)]
    pub cp: ConnectionPoint,
    /// The link, of the service, that it opens.
    pub virtual_link: Option<VirtualLinkId>,
}
