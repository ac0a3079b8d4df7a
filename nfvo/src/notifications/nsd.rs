//! NS descriptors (SOL005 clauses 5.5.2.9 to 5.5.2.12).

use async_trait::async_trait;
use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::Link;
use windlass_api::nsd::{
    NsdFacts as Facts, NsdNotification, NsdOnboardingState, NsdOperationalState, NsdUsageState,
    NsdmLinks, NsdmNotificationType, NsdmNotificationsFilter,
};
use windlass_model::package::{OnboardingState, OperationalState, UsageState};
use windlass_notify::{Addressee, Publisher, typed_filter};
use windlass_store::{CatalogChange, Event, Happened, NsdEvent, NsdFacts, StoreError, Topic};

use super::{kept, message};

/// Tells of the descriptors in a store.
#[derive(Debug)]
pub(super) struct NsdNotifications;

#[async_trait]
impl Publisher for NsdNotifications {
    fn api(&self) -> Api {
        Api::Nsd
    }

    fn topic(&self) -> Topic {
        Topic::Nsd
    }

    fn filter(&self, filter: Value) -> Result<Value, String> {
        kept(&typed_filter::<NsdmNotificationsFilter>(filter)?)
    }

    async fn notification(
        &self,
        event: &Event,
        to: &Addressee,
    ) -> Result<Option<Value>, StoreError> {
        match &event.happened {
            Happened::Nsd(what) => of_nsd(event, to, what),
            Happened::OperationMoved(_)
            | Happened::VnfCreated(_)
            | Happened::VnfDeleted(_)
            | Happened::NsCreated(_)
            | Happened::NsDeleted(_)
            | Happened::Package(_) => Ok(None),
        }
    }
}

fn of_nsd(event: &Event, to: &Addressee, what: &NsdEvent) -> Result<Option<Value>, StoreError> {
    use NsdmNotificationType as Type;
    let nsd = &what.nsd;
    let (notification_type, refusal) = match &what.change {
        CatalogChange::Onboarded => (Type::OnBoarding, None),
        CatalogChange::Refused { error } => (Type::OnBoardingFailure, error.clone()),
        CatalogChange::OperationalState => (Type::Change, None),
        CatalogChange::Deleted => (Type::Deletion, None),
    };
    let filter: NsdmNotificationsFilter = to.filter()?;
    if !wants(&filter, notification_type, nsd) {
        return Ok(None);
    }
    let is_switch = notification_type == Type::Change;
    message(&NsdNotification {
        id: to.id.to_string(),
        notification_type,
        subscription_id: to.subscription.to_string(),
        time_stamp: event.at,
        nsd_info_id: nsd.id.to_string(),
        nsd_id: nsd.nsd_id.clone(),
        onboarding_failure_details: refusal.and_then(|error| serde_json::from_value(error).ok()),
        nsd_operational_state: is_switch.then(|| operational(nsd.operational)),
        links: NsdmLinks {
            nsd_info: Link::to(format!("{}/ns_descriptors/{}", Api::Nsd.root(), nsd.id)),
            subscription: to.link(Api::Nsd),
        },
    })
}

fn wants(
    filter: &NsdmNotificationsFilter,
    notification_type: NsdmNotificationType,
    nsd: &NsdFacts,
) -> bool {
    let packages: Vec<String> = nsd.vnf_packages.iter().map(ToString::to_string).collect();
    let nested: Vec<String> = nsd.nested.iter().map(ToString::to_string).collect();
    filter.admits(
        notification_type,
        &Facts {
            info_id: &nsd.id.to_string(),
            nsd_id: nsd.nsd_id.as_deref(),
            name: &nsd.name,
            version: &nsd.version,
            designer: &nsd.designer,
            invariant_id: nsd.invariant_id.as_deref(),
            vnf_packages: &packages,
            nested: &nested,
            onboarding: match nsd.onboarding {
                OnboardingState::Created => NsdOnboardingState::Created,
                OnboardingState::Uploading => NsdOnboardingState::Uploading,
                OnboardingState::Processing => NsdOnboardingState::Processing,
                OnboardingState::Onboarded => NsdOnboardingState::Onboarded,
                OnboardingState::Error => NsdOnboardingState::Error,
            },
            operational: operational(nsd.operational),
            usage: match nsd.usage {
                UsageState::InUse => NsdUsageState::InUse,
                UsageState::NotInUse => NsdUsageState::NotInUse,
            },
        },
    )
}

fn operational(state: OperationalState) -> NsdOperationalState {
    match state {
        OperationalState::Enabled => NsdOperationalState::Enabled,
        OperationalState::Disabled => NsdOperationalState::Disabled,
    }
}
