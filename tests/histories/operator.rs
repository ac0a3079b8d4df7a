//! The operator of the end: finishes what waits, and removes what is there.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use windlass_api::nslcm::NsLcmOpOcc;
use windlass_api::vnflcm::{InstantiationState, VnfLcmOpOcc};
use windlass_client::{Error, ListOptions};

use crate::history::History;

/// How often the operator looks.
const LOOK: Duration = Duration::from_secs(10);

/// The filter that only unfinished operations pass.
pub fn unfinished() -> ListOptions {
    ListOptions::all_fields().filtered("(nin,operationState,COMPLETED,FAILED,ROLLED_BACK)")
}

async fn open(history: &History) -> (Vec<NsLcmOpOcc>, Vec<VnfLcmOpOcc>) {
    let of_services = history.world.nfvo.operator.ns_operation_list(&unfinished()).await.unwrap();
    let of_vnfs = history.world.vnfm.operator.vnf_operation_list(&unfinished()).await.unwrap();
    (of_services, of_vnfs)
}

/// What waits is retried, then rolled back, then given up; within the patience nothing is left.
pub async fn finish_everything(history: &mut History, patience: Duration) {
    let end = history.world.clock.elapsed() + patience;
    let mut tries = BTreeMap::new();
    loop {
        let (of_services, of_vnfs) = open(history).await;
        if of_services.is_empty() && of_vnfs.is_empty() {
            return;
        }
        assert!(
            history.world.clock.elapsed() < end,
            "not final within {patience:?}: {of_services:?} {of_vnfs:?}"
        );
        for one in of_services.iter().filter(|one| one.operation_state.to_string() == "FAILED_TEMP")
        {
            let attempt = tries.entry(one.id.clone()).or_insert(0);
            *attempt += 1;
            resolve_ns(history, one, *attempt).await;
        }
        // What belongs to a service whose operation goes on is the NFVO's business.
        if of_services.is_empty() {
            for one in of_vnfs.iter().filter(|one| one.operation_state.to_string() == "FAILED_TEMP")
            {
                let attempt = tries.entry(one.id.clone()).or_insert(0);
                *attempt += 1;
                resolve_vnf(history, one, *attempt).await;
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn resolve_ns(history: &mut History, one: &NsLcmOpOcc, attempt: u32) {
    let nfvo = history.world.nfvo.operator.clone();
    let answer = match attempt {
        1 => nfvo.ns_operation_retry(&one.id).await,
        2 => nfvo.ns_operation_rollback(&one.id).await,
        _ => nfvo.ns_operation_fail(&one.id).await.map(drop),
    };
    resolved(history, &one.id, attempt, one.error.as_ref(), answer);
}

async fn resolve_vnf(history: &mut History, one: &VnfLcmOpOcc, attempt: u32) {
    let vnfm = history.world.vnfm.operator.clone();
    let answer = match attempt {
        1 => vnfm.vnf_operation_retry(&one.id).await,
        2 => vnfm.vnf_operation_rollback(&one.id).await,
        _ => vnfm.vnf_operation_fail(&one.id).await.map(drop),
    };
    resolved(history, &one.id, attempt, one.error.as_ref(), answer);
}

fn resolved(
    history: &mut History,
    id: &str,
    attempt: u32,
    why: Option<&windlass_api::common::ProblemDetails>,
    answer: Result<(), Error>,
) {
    let why = why.map_or_else(String::new, ToString::to_string);
    match answer {
        Ok(()) => history.note(format!("resolve {attempt} {id}: taken; it was: {why}")),
        Err(error) => history.note(format!("resolve {attempt} {id}: {error}; it was: {why}")),
    }
}

/// Services go, then VNFs that stand alone; then their identifiers.
pub async fn remove_everything(history: &mut History, patience: Duration) {
    let (nfvo, vnfm) = (&history.world.nfvo.operator, &history.world.vnfm.operator);
    let (nfvo, vnfm) = (nfvo.clone(), vnfm.clone());
    for ns in nfvo.ns_list(&ListOptions::all_fields()).await.unwrap() {
        if ns.ns_state == InstantiationState::Instantiated {
            let request = serde_json::from_value(json!({})).unwrap();
            nfvo.ns_terminate(&ns.id, &request).await.unwrap();
            history.note(format!("terminate {}", ns.id));
        }
    }
    finish_everything(history, patience).await;
    for vnf in vnfm.vnf_list(&ListOptions::all_fields()).await.unwrap() {
        if vnf.instantiation_state == InstantiationState::Instantiated {
            let request = serde_json::from_value(json!({"terminationType": "FORCEFUL"})).unwrap();
            vnfm.vnf_terminate(&vnf.id, &request).await.unwrap();
            history.note(format!("terminate {}", vnf.id));
        }
    }
    finish_everything(history, patience).await;
    for vnf in vnfm.vnf_list(&ListOptions::default()).await.unwrap() {
        vnfm.vnf_delete(&vnf.id).await.unwrap();
    }
    for ns in nfvo.ns_list(&ListOptions::default()).await.unwrap() {
        nfvo.ns_delete(&ns.id).await.unwrap();
    }
}
