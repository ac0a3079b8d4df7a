//! VNF packages (SOL005 clauses 9.5.2.8 and 9.5.2.9; SOL003 clause 10.5.2 tells the same).

use async_trait::async_trait;
use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::{Link, ProductFacts};
use windlass_api::vnfpkgm::{
    PackageChangeType, PackageFacts as Facts, PackageOperationalState, PackageUsageState,
    PkgmLinks, PkgmNotificationType, PkgmNotificationsFilter, VnfPackageChangeNotification,
    VnfPackageOnboardingNotification,
};
use windlass_model::package::{OperationalState, UsageState};
use windlass_notify::{Addressee, Publisher, typed_filter};
use windlass_store::{
    CatalogChange, Event, Happened, PackageEvent, PackageFacts, StoreError, Topic,
};

use super::{kept, message};

/// Tells of the packages in a store.
#[derive(Debug)]
pub(super) struct PackageNotifications;

#[async_trait]
impl Publisher for PackageNotifications {
    fn api(&self) -> Api {
        Api::VnfPkgm
    }

    fn topic(&self) -> Topic {
        Topic::VnfPkgm
    }

    fn filter(&self, filter: Value) -> Result<Value, String> {
        kept(&typed_filter::<PkgmNotificationsFilter>(filter)?)
    }

    async fn notification(
        &self,
        event: &Event,
        to: &Addressee,
    ) -> Result<Option<Value>, StoreError> {
        match &event.happened {
            Happened::Package(what) => of_package(event, to, what),
            Happened::OperationMoved(_)
            | Happened::VnfCreated(_)
            | Happened::VnfDeleted(_)
            | Happened::NsCreated(_)
            | Happened::NsDeleted(_)
            | Happened::Nsd(_) => Ok(None),
        }
    }
}

fn of_package(
    event: &Event,
    to: &Addressee,
    what: &PackageEvent,
) -> Result<Option<Value>, StoreError> {
    match what.change {
        CatalogChange::Onboarded => onboarded(event, to, &what.package),
        CatalogChange::OperationalState => {
            changed(event, to, &what.package, PackageChangeType::OpStateChange)
        }
        CatalogChange::Deleted => changed(event, to, &what.package, PackageChangeType::PkgDelete),
        // The standard has no notification for it.
        CatalogChange::Refused { .. } => Ok(None),
    }
}

fn onboarded(
    event: &Event,
    to: &Addressee,
    package: &PackageFacts,
) -> Result<Option<Value>, StoreError> {
    let notification_type = PkgmNotificationType::Onboarding;
    if !wants(to, notification_type, package)? {
        return Ok(None);
    }
    message(&VnfPackageOnboardingNotification {
        id: to.id.to_string(),
        notification_type,
        subscription_id: to.subscription.to_string(),
        time_stamp: event.at,
        vnf_pkg_id: package.id.to_string(),
        vnfd_id: package.product.vnfd_id.clone(),
        vnfm_info: Vec::new(),
        links: links(to, package),
    })
}

fn changed(
    event: &Event,
    to: &Addressee,
    package: &PackageFacts,
    change_type: PackageChangeType,
) -> Result<Option<Value>, StoreError> {
    let notification_type = PkgmNotificationType::Change;
    if !wants(to, notification_type, package)? {
        return Ok(None);
    }
    let is_switch = change_type == PackageChangeType::OpStateChange;
    message(&VnfPackageChangeNotification {
        id: to.id.to_string(),
        notification_type,
        subscription_id: to.subscription.to_string(),
        time_stamp: event.at,
        vnf_pkg_id: package.id.to_string(),
        vnfd_id: package.product.vnfd_id.clone(),
        change_type,
        operational_state: is_switch.then(|| operational(package.operational)),
        links: links(to, package),
    })
}

fn wants(
    to: &Addressee,
    notification_type: PkgmNotificationType,
    package: &PackageFacts,
) -> Result<bool, StoreError> {
    let filter: PkgmNotificationsFilter = to.filter()?;
    let product = &package.product;
    let facts = Facts {
        id: &package.id.to_string(),
        vnfd_id: &product.vnfd_id,
        product: ProductFacts {
            provider: &product.provider,
            name: &product.name,
            software_version: &product.software_version,
            vnfd_version: &product.vnfd_version,
        },
        operational: operational(package.operational),
        usage: match package.usage {
            UsageState::InUse => PackageUsageState::InUse,
            UsageState::NotInUse => PackageUsageState::NotInUse,
        },
    };
    Ok(filter.admits(notification_type, &facts))
}

fn operational(state: OperationalState) -> PackageOperationalState {
    match state {
        OperationalState::Enabled => PackageOperationalState::Enabled,
        OperationalState::Disabled => PackageOperationalState::Disabled,
    }
}

fn links(to: &Addressee, package: &PackageFacts) -> PkgmLinks {
    let root = Api::VnfPkgm.root();
    let by_vnfd = format!("{root}/onboarded_vnf_packages/{}", package.product.vnfd_id);
    PkgmLinks {
        vnf_package: Link::to(format!("{root}/vnf_packages/{}", package.id)),
        vnf_package_by_vnfd_id: Some(Link::to(by_vnfd)),
        subscription: to.link(Api::VnfPkgm),
    }
}
