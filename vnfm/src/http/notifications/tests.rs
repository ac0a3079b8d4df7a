//! The messages, word by word.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;
use windlass_lcm::{StepError, Subject};
use windlass_model::vnf::Product;
use windlass_model::{OperationId, OperationState, SubscriptionId, VnfInstanceId};

use super::*;
use crate::operations::SCALE;

const VNF: &str = "00000000-0000-0000-0000-000000000001";
const OPERATION: &str = "00000000-0000-0000-0000-000000000002";
const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000003";
const NOTIFICATION: &str = "00000000-0000-0000-0000-000000000004";

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn vnf() -> VnfInstance {
    VnfInstance {
        id: VnfInstanceId(Uuid::from_u128(1)),
        name: "web".to_owned(),
        description: String::new(),
        product: Product { vnfd_id: "vnfd-web".to_owned(), ..Product::default() },
        configurable_properties: BTreeMap::new(),
        metadata: BTreeMap::new(),
        extensions: BTreeMap::new(),
        created_at: noon(),
        instantiated: None,
    }
}

fn operation(state: OperationState) -> Operation {
    Operation {
        id: OperationId(Uuid::from_u128(2)),
        kind: SCALE.to_owned(),
        subject: Subject { kind: "vnf".to_owned(), id: Uuid::from_u128(1) },
        state,
        state_since: noon(),
        started_at: noon(),
        params: Value::Null,
        before: serde_json::to_value(vnf()).unwrap(),
        plan: None,
        cancel: None,
        error: (state == OperationState::FailedTemp)
            .then(|| StepError::lasting(503, "the host is away")),
        automatic: true,
    }
}

fn event() -> Event {
    let (topic, happened) = (Topic::VnfLcm, Happened::VnfCreated(vnf()));
    Event { sequence: 7, topic, at: noon(), happened }
}

fn to(filter: Option<Value>) -> Addressee {
    Addressee {
        id: Uuid::from_u128(4),
        subscription: SubscriptionId(Uuid::from_u128(3)),
        filter,
        verbosity: NotificationVerbosity::Full,
    }
}

fn told(state: OperationState, filter: Option<Value>) -> Option<Value> {
    let nothing = Progress::replay(&Plan::default(), &[]);
    of_operation(&event(), &to(filter), &operation(state), &nothing).unwrap()
}

#[test]
fn an_identifier_that_was_made_is_told_like_this() {
    let told = of_identifier(&event(), &to(None), &vnf(), VnfLcmNotificationType::Creation);
    let wanted = json!({
        "id": NOTIFICATION,
        "notificationType": "VnfIdentifierCreationNotification",
        "subscriptionId": SUBSCRIPTION,
        "timeStamp": "2027-01-15T08:00:00Z",
        "vnfInstanceId": VNF,
        "_links": {
            "vnfInstance": { "href": format!("/vnflcm/v2/vnf_instances/{VNF}") },
            "subscription": { "href": format!("/vnflcm/v2/subscriptions/{SUBSCRIPTION}") },
        },
    });
    assert_eq!(told.unwrap(), Some(wanted));
}

#[test]
fn an_operation_that_stopped_half_way_is_told_like_this() {
    let wanted = json!({
        "id": NOTIFICATION,
        "notificationType": "VnfLcmOperationOccurrenceNotification",
        "subscriptionId": SUBSCRIPTION,
        "timeStamp": "2027-01-15T08:00:00Z",
        "notificationStatus": "RESULT",
        "operationState": "FAILED_TEMP",
        "vnfInstanceId": VNF,
        "operation": "SCALE",
        "isAutomaticInvocation": true,
        "verbosity": "FULL",
        "vnfLcmOpOccId": OPERATION,
        "error": { "status": 503, "detail": "the host is away" },
        "_links": {
            "vnfInstance": { "href": format!("/vnflcm/v2/vnf_instances/{VNF}") },
            "subscription": { "href": format!("/vnflcm/v2/subscriptions/{SUBSCRIPTION}") },
            "vnfLcmOpOcc": { "href": format!("/vnflcm/v2/vnf_lcm_op_occs/{OPERATION}") },
        },
    });
    assert_eq!(told(OperationState::FailedTemp, None), Some(wanted));
}

#[test]
fn what_goes_on_starts_and_what_rests_is_a_result() {
    for state in OperationState::ALL {
        let told = told(state, None).unwrap();
        let wanted = if state.is_active() { "START" } else { "RESULT" };
        assert_eq!(told["notificationStatus"], wanted, "{state}");
    }
}

#[test]
fn filters_choose_by_type_operation_state_and_vnf() {
    let wants = |filter| told(OperationState::Completed, Some(filter)).is_some();
    let of_vnf = |filter| json!({ "vnfInstanceSubscriptionFilter": filter });
    assert!(wants(json!({ "operationTypes": ["SCALE"], "operationStates": ["COMPLETED"] })));
    assert!(!wants(json!({ "operationTypes": ["HEAL"] })));
    assert!(!wants(json!({ "operationStates": ["FAILED", "FAILED_TEMP"] })));
    assert!(!wants(json!({ "notificationTypes": ["VnfIdentifierCreationNotification"] })));
    assert!(wants(of_vnf(json!({ "vnfdIds": ["vnfd-web"], "vnfInstanceNames": ["web"] }))));
    assert!(wants(of_vnf(json!({ "vnfInstanceIds": [VNF] }))));
    assert!(!wants(of_vnf(json!({ "vnfInstanceIds": [OPERATION] }))));
    assert!(!wants(of_vnf(json!({ "vnfProductsFromProviders": [{ "vnfProvider": "Acme" }] }))));
}
