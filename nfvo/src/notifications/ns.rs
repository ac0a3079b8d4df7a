//! Network services (SOL005 clauses 6.5.2.5 to 6.5.2.7).

use async_trait::async_trait;
use serde::Deserialize;
use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::{Link, NotificationVerbosity};
use windlass_api::nslcm::{
    LccnLinks, LifecycleChangeNotificationsFilter, NsFacts, NsIdentifierNotification,
    NsLcmNotificationType, NsLcmOperationOccurrenceNotification, NsLcmOperationState,
    NsLcmOperationType,
};
use windlass_api::vnflcm::LcmOperationNotificationStatus;
use windlass_lcm::{Operation, Plan, Progress};
use windlass_model::ns::NsInstance;
use windlass_notify::{Addressee, Publisher, typed_filter};
use windlass_store::{Event, Happened, OperationMoved, Store, StoreError, Topic};

use super::{corrupt, kept, message};
use crate::{operations, view};

/// Tells of the services in a store.
#[derive(Debug)]
pub(super) struct NsNotifications(Store);

impl NsNotifications {
    pub fn new(store: Store) -> Self {
        Self(store)
    }
}

#[async_trait]
impl Publisher for NsNotifications {
    fn api(&self) -> Api {
        Api::NsLcm
    }

    fn topic(&self) -> Topic {
        Topic::NsLcm
    }

    fn has_verbosity(&self) -> bool {
        true
    }

    fn filter(&self, filter: Value) -> Result<Value, String> {
        let filter: LifecycleChangeNotificationsFilter = typed_filter(filter)?;
        if let Some(which) = &filter.ns_instance_subscription_filter
            && !(which.vnfd_ids.is_empty() && which.pnfd_ids.is_empty())
        {
            return Err("services cannot be chosen by vnfdIds or pnfdIds; nsdIds, nsInstanceIds \
                        and nsInstanceNames are possible"
                .to_owned());
        }
        kept(&filter)
    }

    async fn notification(
        &self,
        event: &Event,
        to: &Addressee,
    ) -> Result<Option<Value>, StoreError> {
        match &event.happened {
            Happened::OperationMoved(moved) if is_news(moved) => {
                match self.0.events().operation(event, moved).await? {
                    Some((operation, log)) => {
                        let nothing = Plan::default();
                        let plan = operation.plan.as_ref().unwrap_or(&nothing);
                        of_operation(event, to, &operation, &Progress::replay(plan, &log))
                    }
                    None => Ok(None),
                }
            }
            Happened::NsCreated(ns) => {
                of_identifier(event, to, ns, NsLcmNotificationType::Creation)
            }
            Happened::NsDeleted(ns) => {
                of_identifier(event, to, ns, NsLcmNotificationType::Deletion)
            }
            Happened::OperationMoved(_)
            | Happened::VnfCreated(_)
            | Happened::VnfDeleted(_)
            | Happened::Package(_)
            | Happened::Nsd(_) => Ok(None),
        }
    }
}

/// SOL005 has no STARTING, so one of our states is not seen on the wire to follow another.
fn is_news(moved: &OperationMoved) -> bool {
    moved.from.map(view::ns_lcm_state) != Some(view::ns_lcm_state(moved.state))
}

/// What is told of an operation that has entered a state.
fn of_operation(
    event: &Event,
    to: &Addressee,
    operation: &Operation,
    progress: &Progress,
) -> Result<Option<Value>, StoreError> {
    let occurrence = view::ns_lcm_op_occ(operation, operations::changes(operation, progress));
    let told = Some((occurrence.lcm_operation_type, occurrence.operation_state));
    let ns = NsInstance::deserialize(&operation.before).map_err(corrupt)?;
    if !wants(to, NsLcmNotificationType::Operation, told, &ns)? {
        return Ok(None);
    }
    let status = status(occurrence.operation_state);
    let is_detailed = status == LcmOperationNotificationStatus::Result
        && to.verbosity == NotificationVerbosity::Full;
    let changes = occurrence.resource_changes.filter(|_| is_detailed).unwrap_or_default();
    message(&NsLcmOperationOccurrenceNotification {
        id: to.id.to_string(),
        ns_instance_id: occurrence.ns_instance_id,
        operation: occurrence.lcm_operation_type,
        notification_type: NsLcmNotificationType::Operation,
        subscription_id: to.subscription.to_string(),
        timestamp: event.at,
        notification_status: status,
        operation_state: occurrence.operation_state,
        is_automatic_invocation: occurrence.is_automatic_invocation,
        verbosity: Some(to.verbosity),
        affected_vnf: changes.affected_vnfs,
        affected_vl: changes.affected_vls,
        affected_ns: changes.affected_nss,
        affected_sap: changes.affected_saps,
        error: occurrence.error,
        links: LccnLinks { ns_lcm_op_occ: Some(occurrence.links.this), ..links(to, &ns) },
        ns_lcm_op_occ_id: occurrence.id,
    })
}

fn status(state: NsLcmOperationState) -> LcmOperationNotificationStatus {
    use NsLcmOperationState as S;
    match state {
        S::Processing | S::RollingBack => LcmOperationNotificationStatus::Start,
        S::Completed | S::PartiallyCompleted | S::FailedTemp | S::Failed | S::RolledBack => {
            LcmOperationNotificationStatus::Result
        }
    }
}

/// What is told of an identifier that was made or deleted.
fn of_identifier(
    event: &Event,
    to: &Addressee,
    ns: &NsInstance,
    notification_type: NsLcmNotificationType,
) -> Result<Option<Value>, StoreError> {
    if !wants(to, notification_type, None, ns)? {
        return Ok(None);
    }
    message(&NsIdentifierNotification {
        id: to.id.to_string(),
        notification_type,
        subscription_id: to.subscription.to_string(),
        timestamp: event.at,
        ns_instance_id: ns.id.to_string(),
        links: links(to, ns),
    })
}

fn wants(
    to: &Addressee,
    notification_type: NsLcmNotificationType,
    operation: Option<(NsLcmOperationType, NsLcmOperationState)>,
    ns: &NsInstance,
) -> Result<bool, StoreError> {
    let filter: LifecycleChangeNotificationsFilter = to.filter()?;
    let facts = NsFacts { id: &ns.id.to_string(), name: &ns.name, nsd_id: &ns.nsd_id };
    Ok(filter.admits(notification_type, operation, &facts))
}

fn links(to: &Addressee, ns: &NsInstance) -> LccnLinks {
    LccnLinks {
        ns_instance: Link::to(format!("{}/ns_instances/{}", Api::NsLcm.root(), ns.id)),
        subscription: to.link(Api::NsLcm),
        ns_lcm_op_occ: None,
    }
}
