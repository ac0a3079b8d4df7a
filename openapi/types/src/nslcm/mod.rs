//! Network service lifecycle management, `/nslcm/v2` (SOL005 clause 6).

mod instance;
mod notification;
mod operation;
mod requests;

pub use instance::{
    NsCpHandle, NsInstance, NsInstanceLinks, NsLinkPortInfo, NsMonitoringParameter, NsScaleInfo,
    NsVirtualLinkInfo, SapInfo,
};
pub use notification::{
    LccnLinks, LccnSubscription, LccnSubscriptionRequest, LifecycleChangeNotificationsFilter,
    NsFacts, NsIdentifierNotification, NsInstanceSubscriptionFilter, NsLcmNotificationType,
    NsLcmOperationOccurrenceNotification,
};
pub use operation::{
    AffectedNs, AffectedSap, AffectedVl, AffectedVnf, NsChangeResult, NsChangeType, NsLcmOpOcc,
    NsLcmOpOccLinks, NsLcmOperationState, NsLcmOperationType, NsResourceChanges, SapChangeType,
    VlChangeType, VnfChangeType,
};
pub use requests::{
    AffinityOrAntiAffinityRule, CivicAddressElement, CreateNsRequest, DegreeHealing, HealNsData,
    HealNsRequest, HealVnfData, InstantiateNsRequest, LocationConstraints, NestedNsInstanceData,
    NsScaleType, ParamsForNestedNs, ParamsForVnf, SapData, ScaleByStepData, ScaleNsByStepsData,
    ScaleNsData, ScaleNsRequest, ScaleNsToLevelData, ScaleToLevelData, ScaleVnfData, ScaleVnfType,
    TerminateNsData, TerminateNsRequest, TerminateVnfData, VnfInstanceData, VnfLocationConstraint,
};
