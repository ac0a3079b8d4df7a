//! What may happen next.

use std::time::Duration;

use serde_json::{Value, json};
use windlass_api::common::CancelModeType;
use windlass_client::{Client, Error, ListOptions};
use windlass_vim_sim::{Call, no_room, refused, unreachable};

use crate::history::History;
use crate::sim::wire::Weather;

pub const VNFD: &str = "5d1b7b1e-3f0a-4a55-9c8e-6e4b8f2f0001";
pub const NSD: &str = "5d1b7b1e-3f0a-4a55-9c8e-6e4b8f2f0101";

/// The calls that take time and go wrong.
pub const CALLS: &[Call] = &[
    Call::EnsureImage,
    Call::EnsureNetwork,
    Call::DeleteNetwork,
    Call::EnsureVolume,
    Call::DeleteVolume,
    Call::EnsureVm,
    Call::StartVm,
    Call::StopVm,
    Call::DeleteVm,
    Call::Vm,
    Call::AwaitReady,
];

/// At most so many of each.
const SERVICES: usize = 3;
const VNFS: usize = 2;

/// One thing happens, and then some time passes.
pub async fn next(history: &mut History) {
    match history.dice.below(20) {
        0..=3 => new_service(history).await,
        4 => new_vnf(history).await,
        5..=8 => task_of_a_service(history).await,
        9..=11 => task_of_a_vnf(history).await,
        12 | 13 => decide(history).await,
        14 => machine_dies(history),
        15 => host_leaves(history),
        16 => calls_go_wrong(history),
        17 => weather_changes(history),
        18 => disk_fails(history),
        _ => a_program_dies(history).await,
    }
    let pause = history.dice.millis(12_000);
    tokio::time::sleep(pause).await;
}

fn told<T>(history: &mut History, what: &str, answer: Result<T, Error>) -> Option<T> {
    match answer {
        Ok(value) => {
            history.note(format!("{what}: taken"));
            Some(value)
        }
        Err(error) => {
            history.note(format!("{what}: {error}"));
            None
        }
    }
}

fn request<T: serde::de::DeserializeOwned>(body: Value) -> T {
    serde_json::from_value(body).unwrap()
}

fn clients(history: &History) -> (Client, Client) {
    (history.world.nfvo.operator.clone(), history.world.vnfm.operator.clone())
}

async fn new_service(history: &mut History) {
    let (nfvo, _) = clients(history);
    let there = nfvo.ns_list(&ListOptions::default()).await.map_or(SERVICES, |all| all.len());
    if there >= SERVICES {
        return;
    }
    let body = json!({"nsdId": NSD, "nsName": format!("tissue-{there}"), "nsDescription": ""});
    let created = nfvo.ns_create(&request(body)).await;
    let Some(ns) = told(history, "create ns", created) else { return };
    let started = nfvo.ns_instantiate(&ns.id, &request(json!({"nsFlavourId": "default"}))).await;
    told(history, "instantiate ns", started);
}

async fn new_vnf(history: &mut History) {
    let (_, vnfm) = clients(history);
    let there = vnfm.vnf_list(&ListOptions::default()).await.map_or(VNFS, |all| all.len());
    if there >= VNFS + 2 * SERVICES {
        return;
    }
    let created = vnfm.vnf_create(&request(json!({"vnfdId": VNFD}))).await;
    let Some(vnf) = told(history, "create vnf", created) else { return };
    let started = vnfm.vnf_instantiate(&vnf.id, &request(json!({"flavourId": "default"}))).await;
    told(history, "instantiate vnf", started);
}

async fn task_of_a_service(history: &mut History) {
    let (nfvo, vnfm) = clients(history);
    let Ok(services) = nfvo.ns_list(&ListOptions::default()).await else { return };
    let Some(ns) = history.dice.pick(&services).map(|ns| ns.id.clone()) else { return };
    match history.dice.below(4) {
        0 => {
            let answer = nfvo.ns_terminate(&ns, &request(json!({}))).await;
            told(history, "terminate ns", answer);
        }
        1 => {
            let body = json!({"healNsData": {"degreeHealing": "HEAL_RESTORE"}});
            let answer = nfvo.ns_heal(&ns, &request(body)).await;
            told(history, "heal ns", answer);
        }
        _ => {
            let mine = ListOptions::default().filtered(format!("(eq,metadata/nsInstanceId,{ns})"));
            let Ok(vnfs) = vnfm.vnf_list(&mine).await else { return };
            let Some(vnf) = history.dice.pick(&vnfs).map(|vnf| vnf.id.clone()) else { return };
            let way = *history.dice.pick(&["SCALE_OUT", "SCALE_IN"]).unwrap();
            let data = json!({
                "vnfInstanceId": vnf,
                "scaleVnfType": way,
                "scaleByStepData": {"aspectId": "size", "numberOfSteps": 1},
            });
            let body = json!({"scaleType": "SCALE_VNF", "scaleVnfData": [data]});
            let answer = nfvo.ns_scale(&ns, &request(body)).await;
            told(history, &format!("scale ns {way}"), answer);
        }
    }
}

async fn task_of_a_vnf(history: &mut History) {
    let (_, vnfm) = clients(history);
    let Ok(vnfs) = vnfm.vnf_list(&ListOptions::default()).await else { return };
    let Some(vnf) = history.dice.pick(&vnfs).map(|vnf| vnf.id.clone()) else { return };
    let kind = history.dice.below(7);
    let (what, answer) = match kind {
        0 => ("heal vnf", vnfm.vnf_heal(&vnf, &request(json!({}))).await),
        1 => {
            let body = json!({"changeStateTo": "STOPPED", "stopType": "FORCEFUL"});
            ("stop vnf", vnfm.vnf_operate(&vnf, &request(body)).await)
        }
        2 => {
            let body = json!({"changeStateTo": "STARTED"});
            ("start vnf", vnfm.vnf_operate(&vnf, &request(body)).await)
        }
        3 => {
            let body = json!({"type": "SCALE_OUT", "aspectId": "size"});
            ("scale vnf out", vnfm.vnf_scale(&vnf, &request(body)).await)
        }
        4 => {
            let body = json!({"type": "SCALE_IN", "aspectId": "size"});
            ("scale vnf in", vnfm.vnf_scale(&vnf, &request(body)).await)
        }
        5 => {
            let level = history.dice.below(3);
            let body = json!({"scaleInfo": [{"aspectId": "size", "scaleLevel": level}]});
            ("scale vnf to level", vnfm.vnf_scale_to_level(&vnf, &request(body)).await)
        }
        _ => {
            let change = json!({"vnfInstanceDescription": format!("{kind}")});
            ("modify vnf", vnfm.vnf_modify(&vnf, &request(change)).await)
        }
    };
    told(history, what, answer);
}

/// Somebody decides about an operation that is not finished: a cancel, a retry, a rollback, an end.
async fn decide(history: &mut History) {
    let (nfvo, vnfm) = clients(history);
    let of_vnfs = history.dice.percent(50);
    let open = if of_vnfs {
        vnfm.vnf_operation_list(&crate::operator::unfinished())
            .await
            .map(|all| all.into_iter().map(|one| one.id).collect::<Vec<_>>())
    } else {
        nfvo.ns_operation_list(&crate::operator::unfinished())
            .await
            .map(|all| all.into_iter().map(|one| one.id).collect::<Vec<_>>())
    };
    let Ok(open) = open else { return };
    let Some(id) = history.dice.pick(&open).cloned() else { return };
    let mode = *history.dice.pick(&[CancelModeType::Graceful, CancelModeType::Forceful]).unwrap();
    let choice = history.dice.below(5);
    let answer = match (of_vnfs, choice) {
        (true, 0 | 1) => vnfm.vnf_operation_cancel(&id, mode).await,
        (true, 2) => vnfm.vnf_operation_retry(&id).await,
        (true, 3) => vnfm.vnf_operation_rollback(&id).await,
        (true, _) => vnfm.vnf_operation_fail(&id).await.map(drop),
        (false, 0 | 1) => nfvo.ns_operation_cancel(&id, mode).await,
        (false, 2) => nfvo.ns_operation_retry(&id).await,
        (false, 3) => nfvo.ns_operation_rollback(&id).await,
        (false, _) => nfvo.ns_operation_fail(&id).await.map(drop),
    };
    told(history, &format!("decide {choice} {mode:?} vnf:{of_vnfs} {id}"), answer);
}

fn machine_dies(history: &mut History) {
    let machines = history.world.cloud.machines();
    let Some(vm) = history.dice.pick(&machines).map(|vm| vm.id) else { return };
    history.note(format!("machine {vm} dies"));
    history.world.cloud.crash(vm);
}

fn host_leaves(history: &mut History) {
    let host = *history.dice.pick(&history.world.hosts).unwrap();
    let cloud = history.world.cloud.clone();
    if history.dice.percent(30) {
        cloud.host_power_loss(host);
    } else {
        cloud.host_down(host);
    }
    let away = history.dice.millis(40_000);
    history.note(format!("host {host} leaves for {away:?}"));
    tokio::task::spawn_local(async move {
        tokio::time::sleep(away).await;
        cloud.host_up(host);
    });
}

fn calls_go_wrong(history: &mut History) {
    let call = *history.dice.pick(CALLS).unwrap();
    let nth = u32::try_from(1 + history.dice.below(3)).unwrap();
    let cloud = history.world.cloud.clone();
    let faults = cloud.faults();
    let how = history.dice.below(5);
    history.note(format!("{call:?} {nth} goes wrong: {how}"));
    match how {
        0 => faults.when(call).nth(nth).fail_with(refused),
        1 => faults.when(call).times(nth).fail_with(unreachable),
        2 => faults.when(call).nth(nth).fail_with(no_room),
        3 => faults.when(call).nth(nth).lose_answer(unreachable),
        _ => history.gates.push(faults.when(call).nth(nth).hang()),
    }
}

fn weather_changes(history: &mut History) {
    let dice = history.dice.clone();
    let weather = Weather {
        requests_lost: dice.below(8),
        answers_lost: dice.below(8),
        doubled: dice.below(5),
        slow: dice.below(20),
    };
    history.note(format!("{weather:?}"));
    let place = if dice.percent(50) { &history.world.nfvo } else { &history.world.vnfm };
    place.wire.set(weather);
}

fn disk_fails(history: &mut History) {
    let per_thousand = history.dice.below(60);
    let of_nfvo = history.dice.percent(50);
    history.note(format!("a disk fails {per_thousand} in 1000, nfvo:{of_nfvo}"));
    let place = if of_nfvo { &history.world.nfvo } else { &history.world.vnfm };
    place.disk.set(per_thousand);
}

async fn a_program_dies(history: &mut History) {
    let of_nfvo = history.dice.percent(50);
    let away = history.dice.millis(20_000);
    history.note(format!("killed for {away:?}, nfvo:{of_nfvo}"));
    if of_nfvo {
        history.world.nfvo.kill().await;
        tokio::time::sleep(away).await;
        history.world.start_nfvo();
    } else {
        history.world.vnfm.kill().await;
        tokio::time::sleep(away).await;
        history.world.start_vnfm();
    }
    tokio::time::sleep(Duration::from_millis(1)).await;
}
