//! The five-VNF service: up, talked to, scaled, healed, down, and nothing is left.

use std::path::Path;

use crate::support::packages::{onboard_edge_web, pack, paper_images};
use crate::support::{Server, folder};

/// A server with a simulated site of two hosts and the packages of `edge-web`.
fn stage(folder: &Path) -> Server {
    let server = Server::up(&folder.join("data"));
    register_site(&server, folder);
    onboard_edge_web(&server, &pack(folder, &paper_images(folder)));
    server
}

/// A simulated cloud of its own for every test: the clouds of one process share their names.
pub fn register_site(server: &Server, folder: &Path) {
    let cloud = folder.file_name().unwrap().to_str().unwrap();
    server.run(&["vim", "register", "--type", "sim", "lab"]);
    for host in ["host-a", "host-b"] {
        let uri = format!("sim:{cloud}/{host}");
        server.run(&["host", "add", "lab", host, &uri, "--zone", host]);
    }
}

#[test]
fn a_service_comes_up_scales_heals_and_goes_down_in_order() {
    let folder = folder();
    let server = stage(folder.path());
    server.run(&["ns", "up", "edge-web", "--name", "shop"]);

    let hosts: std::collections::BTreeSet<String> =
        ["shop-router", "shop-balancer", "shop-web", "shop-client", "shop-monitor"]
            .iter()
            .flat_map(|vnf| server.components(vnf))
            .map(|component| component.host)
            .collect();
    assert_eq!(hosts.len(), 2, "anti-affinity spreads the service over both hosts");

    // Through the router, which has both gateway addresses, to the other link.
    let balancer = server.components("shop-balancer")[0].addresses[0].to_string();
    let ping = ["vnf", "exec", "shop-client", "client-0", "--", "ping", "-c", "1", &balancer];
    server.run(&ping);

    let stats = server.json(&["vnf", "stats", "shop-web"]);
    assert_eq!(stats[0]["vnfcResourceInfoId"], "web-0");

    server.run(&["vnf", "scale", "shop-web", "--aspect", "web", "--out", "--wait"]);
    let web: Vec<String> =
        server.components("shop-web").into_iter().map(|component| component.name).collect();
    assert_eq!(web, ["web-0", "web-1"]);
    server.run(&["vnf", "scale", "shop-web", "--aspect", "web", "--in", "--wait"]);
    assert_eq!(server.components("shop-web").len(), 1);

    let before = server.components("shop-web");
    server.run(&["vnf", "heal", "shop-web", "--vnfc", "web-0", "--wait"]);
    let after = server.components("shop-web");
    assert_ne!(after[0].machine, before[0].machine, "a new machine");
    assert_eq!(after[0].addresses, before[0].addresses, "with the old addresses");
    server.run(&ping);

    assert!(server.audit_is_empty());
    server.run(&["ns", "down", "shop"]);
    assert!(server.audit_is_empty());
    assert_eq!(server.json(&["vnf", "list"]), serde_json::json!([]));
}

#[test]
fn a_stopped_vnf_starts_again_with_what_it_had() {
    let folder = folder();
    let server = stage(folder.path());
    server.run(&["ns", "up", "edge-web", "--name", "shop"]);
    let before = server.components("shop-web");
    server.run(&["vnf", "operate", "shop-web", "stop", "--wait"]);
    assert_eq!(server.vnf("shop-web")["instantiatedVnfInfo"]["vnfState"], "STOPPED");
    server.run(&["vnf", "operate", "shop-web", "start", "--wait"]);
    assert_eq!(server.vnf("shop-web")["instantiatedVnfInfo"]["vnfState"], "STARTED");
    assert_eq!(server.components("shop-web"), before);
}

#[test]
fn two_services_of_one_descriptor_live_side_by_side() {
    let folder = folder();
    let server = stage(folder.path());
    for name in ["one", "two"] {
        server.run(&["ns", "up", "edge-web", "--name", name]);
    }
    // The same addresses on networks that know nothing of each other.
    assert_eq!(
        server.components("one-web")[0].addresses,
        server.components("two-web")[0].addresses
    );
    assert_ne!(server.components("one-web")[0].machine, server.components("two-web")[0].machine);
    server.run(&["ns", "down", "one"]);
    assert_eq!(server.components("two-web").len(), 1);
    assert!(server.audit_is_empty());
}

#[test]
fn a_drained_host_gets_nothing_new_and_the_refusal_says_so() {
    let folder = folder();
    let server = stage(folder.path());
    server.run(&["host", "drain", "host-b"]);
    let refusal = server.refuse(&["ns", "up", "edge-web", "--name", "shop"]);
    assert!(refusal.contains("host-b") && refusal.contains("drain"), "{refusal}");
    assert!(server.audit_is_empty());
}

#[test]
fn what_was_known_is_known_after_a_crash() {
    let folder = folder();
    let data = folder.path().join("data");
    let mut server = stage(folder.path());
    server.run(&["ns", "create", "edge-web", "--name", "shop"]);
    server.kill();
    let server = Server::up(&data);
    assert_eq!(server.json(&["ns", "list"])[0]["nsInstanceName"], "shop");
    assert_eq!(server.json(&["package", "list"]).as_array().unwrap().len(), 5);
}
