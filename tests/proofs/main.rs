//! Every step table of the VNFM under proof, on the simulator and the real store: each step may
//! fail before and after its effect, may repeat, and the process may die around it.

#![expect(clippy::unwrap_used, reason = "a proof that cannot go on stops here")]

#[path = "../support/mod.rs"]
mod support;

mod stage;

use serde_json::json;
use stage::{Ground, World};
use windlass_lcm::proof::{every_step_holds, every_undo_holds};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn instantiate_holds() {
    let ground = Ground::lay().await;
    let world =
        async || World::new(&ground, "vnf-instantiate", json!({"flavourId": "default"}), 0).await;
    every_step_holds(world).await;
    every_undo_holds(world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scale_out_holds() {
    let ground = Ground::lay().await;
    let params = json!({"type": "SCALE_OUT", "aspectId": "size"});
    let world = async || World::new(&ground, "vnf-scale", params.clone(), 1).await;
    every_step_holds(world).await;
    every_undo_holds(world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scale_in_holds() {
    let ground = Ground::lay().await;
    let params = json!({"type": "SCALE_IN", "aspectId": "size"});
    every_step_holds(async || World::new(&ground, "vnf-scale", params.clone(), 2).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scale_to_level_holds() {
    let ground = Ground::lay().await;
    let params = json!({"scaleInfo": [{"aspectId": "size", "scaleLevel": 2}]});
    let world = async || World::new(&ground, "vnf-scale-to-level", params.clone(), 1).await;
    every_step_holds(world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heal_holds() {
    let ground = Ground::lay().await;
    let params = json!({"vnfcInstanceId": ["node-0"]});
    every_step_holds(async || World::new(&ground, "vnf-heal", params.clone(), 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stop_and_start_hold() {
    let ground = Ground::lay().await;
    let stop = json!({"changeStateTo": "STOPPED"});
    every_step_holds(async || World::new(&ground, "vnf-operate", stop.clone(), 1).await).await;
    let start = json!({"changeStateTo": "STARTED"});
    every_step_holds(async || World::new(&ground, "vnf-operate", start.clone(), 1).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn terminate_holds() {
    let ground = Ground::lay().await;
    let params = json!({"terminationType": "FORCEFUL"});
    every_step_holds(async || World::new(&ground, "vnf-terminate", params.clone(), 2).await).await;
}
