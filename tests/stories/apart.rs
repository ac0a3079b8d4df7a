//! The NFVO and the VNFM as two processes that meet over HTTP.

use crate::support::packages::{onboard_edge_web, pack, paper_images};
use crate::support::{Server, folder};

use super::service::register_site;

#[test]
fn a_vnfm_of_its_own_instantiates_what_the_nfvo_of_its_own_grants() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    // Each must know the other's address before it has one of its own: the VNFM's is reserved.
    let reserved = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let vnfm_address = reserved.local_addr().unwrap().to_string();
    drop(reserved);
    let vnfm_url = format!("http://{vnfm_address}");
    let mut nfvo = Server::start(&[
        "nfvo",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &at("nfvo"),
        "--vnfm",
        &vnfm_url,
    ]);
    let vnfm = Server::start(&[
        "vnfm",
        "--listen",
        &vnfm_address,
        "--data",
        &at("vnfm"),
        "--nfvo",
        nfvo.url(),
    ]);
    nfvo.ask_vnfm(&vnfm);
    register_site(&nfvo, folder.path());
    onboard_edge_web(&nfvo, &pack(folder.path(), &paper_images(folder.path())));

    nfvo.run(&["vnf", "create", "web", "--name", "lone-web"]);
    nfvo.run(&["vnf", "instantiate", "lone-web", "--flavour", "default", "--wait"]);
    assert_eq!(nfvo.components("lone-web").len(), 1);
    nfvo.run(&["vnf", "terminate", "lone-web", "--wait"]);
    nfvo.run(&["vnf", "delete", "lone-web"]);
    assert_eq!(nfvo.json(&["host", "list"])[0]["used"]["vcpus"], 0, "the room is given back");
}
