//! What subscribers are told of VNFs (SOL003 clauses 5.5.2.17 to 5.5.2.19).

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::{Link, NotificationVerbosity, ProductFacts};
use windlass_api::vnflcm::{
    LccnLinks, LcmOperationNotificationStatus, LcmOperationState,
    LifecycleChangeNotificationsFilter, VnfFacts, VnfIdentifierNotification,
    VnfLcmNotificationType, VnfLcmOperationOccurrenceNotification,
};
use windlass_lcm::{Operation, Plan, Progress};
use windlass_model::vnf::VnfInstance;
use windlass_notify::{Addressee, Publisher, typed_filter};
use windlass_store::{Event, Happened, Store, StoreError, Topic};

use super::view;

/// Tells of the VNFs in a store.
#[derive(Debug)]
pub struct VnfNotifications(Store);

impl VnfNotifications {
    /// Tells of the VNFs in this store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Publisher for VnfNotifications {
    fn api(&self) -> Api {
        Api::VnfLcm
    }

    fn topic(&self) -> Topic {
        Topic::VnfLcm
    }

    fn has_verbosity(&self) -> bool {
        true
    }

    fn filter(&self, filter: Value) -> Result<Value, String> {
        let filter: LifecycleChangeNotificationsFilter = typed_filter(filter)?;
        serde_json::to_value(filter).map_err(|error| error.to_string())
    }

    async fn notification(
        &self,
        event: &Event,
        to: &Addressee,
    ) -> Result<Option<Value>, StoreError> {
        match &event.happened {
            Happened::OperationMoved(moved) => {
                match self.0.events().operation(event, moved).await? {
                    Some((operation, log)) => {
                        let nothing = Plan::default();
                        let plan = operation.plan.as_ref().unwrap_or(&nothing);
                        of_operation(event, to, &operation, &Progress::replay(plan, &log))
                    }
                    None => Ok(None),
                }
            }
            Happened::VnfCreated(vnf) => {
                of_identifier(event, to, vnf, VnfLcmNotificationType::Creation)
            }
            Happened::VnfDeleted(vnf) => {
                of_identifier(event, to, vnf, VnfLcmNotificationType::Deletion)
            }
            Happened::NsCreated(_)
            | Happened::NsDeleted(_)
            | Happened::Package(_)
            | Happened::Nsd(_) => Ok(None),
        }
    }
}

/// What is told of an operation that has entered a state.
fn of_operation(
    event: &Event,
    to: &Addressee,
    operation: &Operation,
    progress: &Progress,
) -> Result<Option<Value>, StoreError> {
    let occurrence = view::operation(operation, Some(progress));
    let told = Some((occurrence.operation, occurrence.operation_state));
    let vnf = VnfInstance::deserialize(&operation.before).map_err(corrupt)?;
    if !wants(to, VnfLcmNotificationType::Operation, told, &vnf)? {
        return Ok(None);
    }
    let status = status(occurrence.operation_state);
    let is_detailed = status == LcmOperationNotificationStatus::Result
        && to.verbosity == NotificationVerbosity::Full;
    let changes = occurrence.resource_changes.filter(|_| is_detailed).unwrap_or_default();
    message(&VnfLcmOperationOccurrenceNotification {
        id: to.id.to_string(),
        notification_type: VnfLcmNotificationType::Operation,
        subscription_id: to.subscription.to_string(),
        time_stamp: event.at,
        notification_status: status,
        operation_state: occurrence.operation_state,
        vnf_instance_id: occurrence.vnf_instance_id,
        operation: occurrence.operation,
        is_automatic_invocation: occurrence.is_automatic_invocation,
        verbosity: Some(to.verbosity),
        affected_vnfcs: changes.affected_vnfcs,
        affected_virtual_links: changes.affected_virtual_links,
        affected_ext_link_ports: changes.affected_ext_link_ports,
        affected_virtual_storages: changes.affected_virtual_storages,
        changed_info: occurrence.changed_info.filter(|_| is_detailed),
        error: occurrence.error,
        links: LccnLinks {
            vnf_lcm_op_occ: Some(Link::to(view::operation_path(operation.id))),
            ..links(to, &vnf)
        },
        vnf_lcm_op_occ_id: occurrence.id,
    })
}

fn status(state: LcmOperationState) -> LcmOperationNotificationStatus {
    use LcmOperationState as S;
    match state {
        S::Starting | S::Processing | S::RollingBack => LcmOperationNotificationStatus::Start,
        S::Completed | S::FailedTemp | S::Failed | S::RolledBack => {
            LcmOperationNotificationStatus::Result
        }
    }
}

/// What is told of an identifier that was made or deleted.
fn of_identifier(
    event: &Event,
    to: &Addressee,
    vnf: &VnfInstance,
    notification_type: VnfLcmNotificationType,
) -> Result<Option<Value>, StoreError> {
    if !wants(to, notification_type, None, vnf)? {
        return Ok(None);
    }
    message(&VnfIdentifierNotification {
        id: to.id.to_string(),
        notification_type,
        subscription_id: to.subscription.to_string(),
        time_stamp: event.at,
        vnf_instance_id: vnf.id.to_string(),
        links: links(to, vnf),
    })
}

fn wants(
    to: &Addressee,
    notification_type: VnfLcmNotificationType,
    operation: Option<(windlass_api::vnflcm::LcmOperationType, LcmOperationState)>,
    vnf: &VnfInstance,
) -> Result<bool, StoreError> {
    let filter: LifecycleChangeNotificationsFilter = to.filter()?;
    let facts = VnfFacts {
        id: &vnf.id.to_string(),
        name: &vnf.name,
        vnfd_id: &vnf.product.vnfd_id,
        product: ProductFacts {
            provider: &vnf.product.provider,
            name: &vnf.product.name,
            software_version: &vnf.product.software_version,
            vnfd_version: &vnf.product.vnfd_version,
        },
    };
    Ok(filter.admits(notification_type, operation, &facts))
}

fn links(to: &Addressee, vnf: &VnfInstance) -> LccnLinks {
    LccnLinks {
        vnf_instance: Link::to(view::instance_path(vnf.id)),
        subscription: to.link(Api::VnfLcm),
        vnf_lcm_op_occ: None,
    }
}

fn message(notification: &impl serde::Serialize) -> Result<Option<Value>, StoreError> {
    serde_json::to_value(notification).map(Some).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt { what: "event", source: error.into() }
}
