//! VNF lifecycle management, `/vnflcm/v2` (SOL003 clause 5).

mod instance;
mod notification;
mod operation;
mod requests;
mod resources;

pub use instance::{
    InstantiatedVnfInfo, InstantiationState, MonitoringParameter, VnfInstance, VnfInstanceLinks,
    VnfOperationalState,
};
pub use notification::{
    LccnLinks, LccnSubscription, LccnSubscriptionRequest, LcmOperationNotificationStatus,
    LifecycleChangeNotificationsFilter, VnfFacts, VnfIdentifierNotification,
    VnfInstanceSubscriptionFilter, VnfLcmNotificationType, VnfLcmOperationOccurrenceNotification,
};
pub use operation::{
    AffectedExtLinkPort, AffectedVirtualLink, AffectedVirtualStorage, AffectedVnfc,
    LcmOperationState, LcmOperationType, ResourceChangeType, ResourceChanges, VnfInfoModifications,
    VnfLcmOpOcc, VnfLcmOpOccLinks,
};
pub use requests::{
    CreateVnfRequest, HealVnfRequest, InstantiateVnfRequest, OperateVnfRequest, ScaleType,
    ScaleVnfRequest, ScaleVnfToLevelRequest, StopType, TerminateVnfRequest,
    VnfInfoModificationRequest,
};
pub use resources::{
    CpInstanceType, ExtLinkPortInfo, ExtManagedVirtualLinkInfo, ExtVirtualLinkInfo,
    VirtualStorageResourceInfo, VnfExtCpInfo, VnfLinkPortInfo, VnfVirtualLinkResourceInfo,
    VnfcCpInfo, VnfcInfo, VnfcResourceInfo,
};
