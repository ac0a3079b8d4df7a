//! Words that every lifecycle interface shares: scale levels and cancel modes.

use serde::{Deserialize, Serialize};

use super::{Identifier, IdentifierInVnfd};
use crate::wire::wire_enum;

/// How far a VNF is scaled in one aspect (SOL003 clause 4.4.1).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScaleInfo {
    pub aspect_id: IdentifierInVnfd,
    /// The VNFD of the aspect, where it is not the instance's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vnfd_id: Option<Identifier>,
    /// Zero is the smallest VNF. The OpenAPI of SOL003 names it in one place `scaleToLevel`.
    #[serde(alias = "scaleToLevel")]
    pub scale_level: u32,
}

wire_enum! {
    /// What a cancelled operation does with the work under way (SOL003 clause 5.5.4.6).
    pub enum CancelModeType {
        /// Finish what was begun, start nothing new.
        Graceful = "GRACEFUL",
        /// Interrupt what was begun.
        Forceful = "FORCEFUL",
    }
}

/// The body of a cancel task (SOL003 clause 5.5.2.14, SOL005 clause 6.5.2.16).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelMode {
    pub cancel_mode: CancelModeType,
}
