//! The service `edge-web` on two real libvirt hosts, with guests that boot.
//!
//! `make test` starts the hosts and says in the environment where they are; without them there is
//! nothing to run on, and the story says so.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on stops here")]

#[path = "../support/mod.rs"]
mod support;

mod faults;
mod hosts;
mod kills;
mod solo;
mod watch;

use std::collections::BTreeSet;
use std::time::Duration;

use hosts::Hosts;
use support::packages::{onboard_edge_web, pack};
use support::{Server, eventually, folder};

/// The balancer's address, fixed in its VNFD.
const BALANCER: &str = "10.20.2.10";
/// How long servers may take to join or leave the balancer.
const JOINING: Duration = Duration::from_secs(60);

/// Runs a shell line in the client's guest; what it prints.
fn in_client(server: &Server, line: &str) -> String {
    let exec = ["vnf", "exec", "shop-client", "client-0", "--", "sh", "-c", line];
    let output = server.try_run(&exec);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The servers that answer a number of requests through router and balancer.
fn servers_that_answer(server: &Server) -> BTreeSet<String> {
    let line =
        format!("for i in 1 2 3 4 5 6; do timeout 5 wget -q -O - http://{BALANCER}/; done; true");
    let pages = in_client(server, &line);
    pages.lines().filter_map(|line| line.strip_prefix("served by ")).map(str::to_owned).collect()
}

#[test]
fn a_service_boots_talks_scales_heals_survives_a_crash_and_leaves_nothing() {
    let Some(hosts) = Hosts::of_environment() else {
        println!("not run: no libvirt hosts in the environment; `make test` starts two");
        return;
    };
    let folder = folder();
    let data = folder.path().join("data");
    let mut server = Server::up(&data);
    hosts.register(&server);
    onboard_edge_web(&server, &pack(folder.path(), hosts.images()));

    server.run(&["ns", "up", "edge-web", "--name", "shop"]);
    let vnfs = ["shop-client", "shop-router", "shop-balancer", "shop-web", "shop-monitor"];
    let places: BTreeSet<String> =
        vnfs.iter().flat_map(|vnf| server.components(vnf)).map(|c| c.host).collect();
    assert_eq!(places.len(), 2, "both hosts carry a part of it");
    for vnf in vnfs {
        let component = &server.components(vnf)[0].name;
        let console = server.run(&["vnf", "console", vnf, component]);
        assert!(console.contains("WINDLASS-GUEST READY"), "{vnf} booted: {console}");
    }

    eventually("the page is served through router and balancer", JOINING, || {
        servers_that_answer(&server).len() == 1
    });
    let ping = in_client(&server, &format!("ping -c 1 {BALANCER}"));
    assert!(ping.contains("ttl=63"), "one router is on the way: {ping}");

    server.run(&["vnf", "scale", "shop-web", "--aspect", "web", "--out", "--wait"]);
    eventually("two servers share the work", JOINING, || servers_that_answer(&server).len() == 2);
    server.run(&["vnf", "scale", "shop-web", "--aspect", "web", "--in", "--wait"]);
    eventually("one serves alone", JOINING, || servers_that_answer(&server).len() == 1);

    let web = server.components("shop-web").remove(0);
    hosts.kill_machine(&web.machine);
    server.run(&["vnf", "heal", "shop-web", "--wait"]);
    let healed = server.components("shop-web").remove(0);
    assert_ne!(healed.machine, web.machine);
    assert_eq!(healed.addresses, web.addresses);
    eventually("the healed server answers", JOINING, || servers_that_answer(&server).len() == 1);

    // The process dies while the service goes down; its successor finishes the work unasked.
    server.run(&["ns", "terminate", "shop"]);
    std::thread::sleep(Duration::from_millis(700));
    server.kill();
    let server = Server::up(&data);
    eventually("the termination is finished", Duration::from_secs(120), || {
        server.json(&["ns", "show", "shop"])["nsState"] == "NOT_INSTANTIATED"
    });
    server.run(&["ns", "delete", "shop"]);
    assert!(server.audit_is_empty());
    assert_eq!(hosts.domains(), Vec::<String>::new());
    assert_eq!(hosts.networks(), Vec::<String>::new());
}

#[test]
fn a_domain_that_is_not_ours_is_neither_touched_nor_counted() {
    let Some(hosts) = Hosts::of_environment() else {
        println!("not run: no libvirt hosts in the environment; `make test` starts two");
        return;
    };
    let _foreign = hosts.define_foreign("somebody-elses");
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    hosts.register(&server);
    assert!(server.audit_is_empty(), "what is not ours belongs to nobody here");
    assert!(hosts.domains().contains(&"somebody-elses".to_owned()));
}
