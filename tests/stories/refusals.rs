//! Bad input gets an error that says what, where and what to do; nothing is lost.

use crate::support::packages::{onboard_edge_web, pack, paper_images};
use crate::support::{Server, folder};

#[test]
fn a_broken_descriptor_is_refused_with_file_line_and_column() {
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    let package = folder.path().join("broken");
    std::fs::create_dir_all(&package).unwrap();
    let vnfd = "\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    vnf:
      type: tosca.nodes.nfv.VNF
      properties:
        descriptor_id: 7f1e6a50-0d6f-4c0e-9f5b-1d5f0a6b1c04
        descriptor_version: '1.0'
        provider: Windlass
        product_name: broken
        software_version: '1.0'
        vnfm_info: [ '0:windlass' ]
        flavour_id: default
        flavour_description: ''
    web:
      type: tosca.nodes.nfv.Vdu.Comput
";
    std::fs::write(package.join("web.yaml"), vnfd).unwrap();
    let refusal = server.refuse(&["package", "onboard", package.to_str().unwrap()]);
    assert!(refusal.contains("web.yaml:16:13"), "{refusal}");
    assert!(refusal.contains("tosca.nodes.nfv.Vdu.Compute"), "did you mean: {refusal}");
}

#[test]
fn a_package_in_use_cannot_be_deleted_and_a_free_one_can() {
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    onboard_edge_web(&server, &pack(folder.path(), &paper_images(folder.path())));
    let refusal = server.refuse(&["package", "delete", "web"]);
    assert!(refusal.contains("409"), "{refusal}");
    server.run(&["nsd", "delete", "edge-web", "--force"]);
    server.run(&["package", "delete", "web", "--force"]);
    assert_eq!(server.json(&["package", "list"]).as_array().unwrap().len(), 4);
}

#[test]
fn the_same_vnfd_twice_is_refused() {
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    let packages = pack(folder.path(), &paper_images(folder.path()));
    let web = packages.join("edge-web-web.csar");
    server.run(&["package", "onboard", web.to_str().unwrap()]);
    let refusal = server.refuse(&["package", "onboard", web.to_str().unwrap()]);
    assert!(refusal.contains("6f1e6a50-0d6f-4c0e-9f5b-1d5f0a6b1c04"), "{refusal}");
}

#[test]
fn without_a_host_the_refusal_says_so() {
    let folder = folder();
    let server = Server::up(&folder.path().join("data"));
    onboard_edge_web(&server, &pack(folder.path(), &paper_images(folder.path())));
    let refusal = server.refuse(&["ns", "up", "edge-web", "--name", "shop"]);
    assert!(refusal.contains("no host"), "{refusal}");
}

#[test]
fn a_server_that_is_not_there_is_said_with_exit_code_3() {
    let folder = folder();
    let mut server = Server::up(&folder.path().join("data"));
    server.kill();
    let output = server.try_run(&["ns", "list"]);
    assert_eq!(output.status.code(), Some(3));
}

#[test]
fn two_servers_cannot_share_a_data_directory() {
    let folder = folder();
    let data = folder.path().join("data");
    let _first = Server::up(&data);
    let second = std::process::Command::new(env!("CARGO_BIN_EXE_windlass"))
        .args(["up", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()])
        .output()
        .unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains("another windlass"), "{said}");
}
