//! Lifecycle operation granting, `/grant/v1` (SOL003 clause 9).

mod request;
mod response;

pub use request::{
    AffinityOrAntiAffinity, ConstraintIdType, ConstraintResourceRef, GrantRequest,
    GrantRequestLinks, GrantedLcmOperationType, PlacementConstraint, PlacementScope,
    ResourceDefinition, ResourceType, VimConstraint,
};
pub use response::{
    Grant, GrantInfo, GrantLinks, VimAssets, VimComputeResourceFlavour, VimSoftwareImage,
    ZoneGroupInfo, ZoneInfo,
};
