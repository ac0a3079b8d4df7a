//! The messages, word by word.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;
use windlass_api::common::NotificationVerbosity;
use windlass_model::ns::NsInstance;
use windlass_model::package::{OnboardingState, OperationalState, UsageState};
use windlass_model::vnf::Product;
use windlass_model::{
    NsInstanceId, NsdInfoId, OperationId, OperationState, SubscriptionId, VnfPackageId,
};
use windlass_notify::{Addressee, Publisher};
use windlass_store::{
    CatalogChange, Event, Happened, NsdEvent, NsdFacts, OperationMoved, PackageEvent, PackageFacts,
    Store, Topic,
};

use super::ns::NsNotifications;
use super::nsd::NsdNotifications;
use super::package::PackageNotifications;

const SUBJECT: &str = "00000000-0000-0000-0000-000000000001";
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000003";
const NOTIFICATION: &str = "00000000-0000-0000-0000-000000000004";

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

async fn told(publisher: &dyn Publisher, happened: Happened, filter: Option<Value>) -> Value {
    let event = Event { sequence: 7, topic: publisher.topic(), at: noon(), happened };
    let filter = filter.map(|filter| publisher.filter(filter).unwrap());
    let to = Addressee {
        id: Uuid::from_u128(4),
        subscription: SubscriptionId(Uuid::from_u128(3)),
        filter,
        verbosity: NotificationVerbosity::Full,
    };
    publisher.notification(&event, &to).await.unwrap().unwrap_or(Value::Null)
}

fn package(change: CatalogChange) -> Happened {
    Happened::Package(PackageEvent {
        change,
        package: PackageFacts {
            id: VnfPackageId(Uuid::from_u128(1)),
            product: Product {
                vnfd_id: "vnfd-web".to_owned(),
                provider: "Acme".to_owned(),
                ..Product::default()
            },
            operational: OperationalState::Disabled,
            usage: UsageState::NotInUse,
        },
    })
}

fn nsd(change: CatalogChange) -> Happened {
    Happened::Nsd(NsdEvent {
        change,
        nsd: NsdFacts {
            id: NsdInfoId(Uuid::from_u128(1)),
            nsd_id: Some("nsd-edge".to_owned()),
            invariant_id: None,
            name: "edge".to_owned(),
            designer: "Acme".to_owned(),
            version: "1".to_owned(),
            vnf_packages: vec![],
            nested: vec![],
            onboarding: OnboardingState::Onboarded,
            operational: OperationalState::Enabled,
            usage: UsageState::InUse,
        },
    })
}

#[tokio::test]
async fn a_package_that_was_disabled_is_told_like_this() {
    let change = package(CatalogChange::OperationalState);
    let wanted = json!({
        "id": NOTIFICATION,
        "notificationType": "VnfPackageChangeNotification",
        "subscriptionId": SUBSCRIPTION,
        "timeStamp": "2027-01-15T08:00:00Z",
        "vnfPkgId": SUBJECT,
        "vnfdId": "vnfd-web",
        "changeType": "OP_STATE_CHANGE",
        "operationalState": "DISABLED",
        "_links": {
            "vnfPackage": { "href": format!("/vnfpkgm/v2/vnf_packages/{SUBJECT}") },
            "vnfPackageByVnfdId": { "href": "/vnfpkgm/v2/onboarded_vnf_packages/vnfd-web" },
            "subscription": { "href": format!("/vnfpkgm/v2/subscriptions/{SUBSCRIPTION}") },
        },
    });
    assert_eq!(told(&PackageNotifications, change, None).await, wanted);
}

#[tokio::test]
async fn an_nsd_that_was_refused_is_told_like_this() {
    let error = Some(json!({ "status": 422, "detail": "no VNFD" }));
    let wanted = json!({
        "id": NOTIFICATION,
        "notificationType": "NsdOnBoardingFailureNotification",
        "subscriptionId": SUBSCRIPTION,
        "timeStamp": "2027-01-15T08:00:00Z",
        "nsdInfoId": SUBJECT,
        "nsdId": "nsd-edge",
        "onboardingFailureDetails": { "status": 422, "detail": "no VNFD" },
        "_links": {
            "nsdInfo": { "href": format!("/nsd/v2/ns_descriptors/{SUBJECT}") },
            "subscription": { "href": format!("/nsd/v2/subscriptions/{SUBSCRIPTION}") },
        },
    });
    let refused = nsd(CatalogChange::Refused { error });
    assert_eq!(told(&NsdNotifications, refused, None).await, wanted);
}

#[tokio::test]
async fn a_service_that_was_made_is_told_like_this() {
    let ns = NsNotifications::new(Store::in_memory().await.unwrap());
    let made = Happened::NsCreated(NsInstance {
        id: NsInstanceId(Uuid::from_u128(1)),
        name: "edge".to_owned(),
        description: String::new(),
        nsd_id: "nsd-edge".to_owned(),
        nsd_info: NsdInfoId(Uuid::from_u128(9)),
        created_at: noon(),
        instantiated: None,
    });
    let wanted = json!({
        "id": NOTIFICATION,
        "notificationType": "NsIdentifierCreationNotification",
        "subscriptionId": SUBSCRIPTION,
        "timestamp": "2027-01-15T08:00:00Z",
        "nsInstanceId": SUBJECT,
        "_links": {
            "nsInstance": { "href": format!("/nslcm/v2/ns_instances/{SUBJECT}") },
            "subscription": { "href": format!("/nslcm/v2/subscriptions/{SUBSCRIPTION}") },
        },
    });
    assert_eq!(told(&ns, made, None).await, wanted);
}

#[tokio::test]
async fn what_has_no_word_in_the_standard_is_not_told() {
    let refused = package(CatalogChange::Refused { error: None });
    assert_eq!(told(&PackageNotifications, refused, None).await, Value::Null);
    // STARTING and PROCESSING look the same to SOL005; without its row the operation is not read.
    let ns = NsNotifications::new(Store::in_memory().await.unwrap());
    let planned = Happened::OperationMoved(OperationMoved {
        operation: OperationId::new(),
        from: Some(OperationState::Starting),
        state: OperationState::Processing,
        error: None,
        logged: 0,
    });
    assert_eq!(told(&ns, planned, None).await, Value::Null);
}

#[tokio::test]
async fn filters_choose_packages_and_nsds() {
    let wants_package = async |filter| {
        let deleted = package(CatalogChange::Deleted);
        !told(&PackageNotifications, deleted, Some(filter)).await.is_null()
    };
    assert!(wants_package(json!({ "notificationTypes": "VnfPackageChangeNotification" })).await);
    assert!(wants_package(json!({ "vnfdId": ["vnfd-web"], "usageState": "NOT_IN_USE" })).await);
    assert!(!wants_package(json!({ "operationalState": ["ENABLED"] })).await);
    assert!(!wants_package(json!({ "vnfPkgId": [SUBSCRIPTION] })).await);
    let wants_nsd = async |filter| {
        let deleted = nsd(CatalogChange::Deleted);
        !told(&NsdNotifications, deleted, Some(filter)).await.is_null()
    };
    assert!(wants_nsd(json!({ "nsdName": ["edge"], "nsdDesigner": ["Acme"] })).await);
    assert!(!wants_nsd(json!({ "nsdInvariantId": ["edge"] })).await);
    assert!(!wants_nsd(json!({ "notificationTypes": ["NsdChangeNotification"] })).await);
}

#[tokio::test]
async fn services_cannot_be_chosen_by_what_they_are_made_of() {
    let ns = NsNotifications::new(Store::in_memory().await.unwrap());
    assert_eq!(ns.topic(), Topic::NsLcm);
    let filter = json!({ "nsInstanceSubscriptionFilter": { "vnfdIds": ["vnfd-web"] } });
    assert!(ns.filter(filter).is_err());
}
