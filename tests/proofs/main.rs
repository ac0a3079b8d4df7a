//! Every step table of the VNFM under proof, on the simulator and the real store.

#![expect(clippy::unwrap_used, reason = "a proof that cannot go on stops here")]

#[expect(dead_code, reason = "the histories need more of it")]
#[path = "../sim/mod.rs"]
mod sim;

mod stage;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stage::{Ground, World};
use windlass_lcm::proof::every_property_holds;

/// All properties of an operation that is asked of a VNF of so many machines.
fn holds(kind: &'static str, params: &Value, size: u32) {
    sim::simulate(1, async |dice| {
        let ground = Ground::lay(&dice).await;
        every_property_holds(async || World::new(&ground, kind, params.clone(), size).await).await;
    });
}

/// A test for each proof, and the list of what is proved.
macro_rules! proofs {
    ($($name:ident: $kind:literal, $size:literal machines, $params:tt;)*) => {
        $(#[test]
        fn $name() {
            holds($kind, &json!($params), $size);
        })*

        const PROVED: &[&str] = &[$($kind),*];
    };
}

proofs! {
    instantiate_holds: "vnf-instantiate", 0 machines, {"flavourId": "default"};
    scale_out_holds: "vnf-scale", 1 machines, {"type": "SCALE_OUT", "aspectId": "size"};
    scale_in_holds: "vnf-scale", 2 machines, {"type": "SCALE_IN", "aspectId": "size"};
    scale_to_level_holds: "vnf-scale-to-level", 1 machines,
        {"scaleInfo": [{"aspectId": "size", "scaleLevel": 2}]};
    heal_holds: "vnf-heal", 1 machines, {"vnfcInstanceId": ["node-0"]};
    stop_holds: "vnf-operate", 1 machines, {"changeStateTo": "STOPPED"};
    start_holds: "vnf-operate", 1 machines, {"changeStateTo": "STARTED"};
    terminate_holds: "vnf-terminate", 2 machines, {"terminationType": "FORCEFUL"};
    modify_holds: "vnf-modify-info", 1 machines, {"vnfInstanceDescription": "another"};
}

#[test]
fn every_procedure_has_a_proof() {
    let proved: BTreeSet<&str> = PROVED.iter().copied().collect();
    let there: BTreeSet<&str> = windlass_vnfm::procedures().iter().map(|one| one.kind()).collect();
    assert_eq!(there, proved);
}
