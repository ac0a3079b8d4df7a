//! VIMs and hosts.

use windlass_api::windlass::{
    HostModifications, HostState, RegisterHostRequest, RegisterVimRequest, VimState,
};
use windlass_client::ListOptions;

use crate::env::Site;

#[tokio::test]
async fn a_registered_vim_is_probed_at_once() {
    let site = Site::new().await;
    let vim = site.vim("lab", &["a", "b"]).await;
    assert_eq!(vim.state, VimState::Reachable);
    assert_eq!(vim.hosts.len(), 2);
    assert!(vim.capacity.vcpus > 0 && vim.capacity.memory_mib > 0);
    assert_eq!(vim.zones, ["zone-of-a", "zone-of-b"]);
    let listed = site.client.host_list(&ListOptions::default()).await.unwrap();
    assert_eq!(listed.len(), 2);
}

#[tokio::test]
async fn a_host_that_goes_away_is_seen_and_seen_to_come_back() {
    let site = Site::new().await;
    let vim = site.vim("lab", &["a", "b"]).await;
    let host = &vim.hosts[0];
    let probe = async || {
        let url = format!("{}/windlass/v1/hosts/{}/probe", site.base, host.id);
        let answer = site.http.post(url).send().await.unwrap();
        answer.json::<windlass_api::windlass::Host>().await.unwrap()
    };
    site.cloud.host_down(host.id.parse().unwrap());
    let down = probe().await;
    assert_eq!(down.state, HostState::Unreachable);
    assert!(down.state_detail.is_some());
    assert!(down.capacity.vcpus > 0, "what it had is still known");
    assert_eq!(site.client.vim_read(&vim.id).await.unwrap().state, VimState::Degraded);
    site.cloud.host_up(host.id.parse().unwrap());
    assert_eq!(probe().await.state, HostState::Reachable);
}

#[tokio::test]
async fn a_host_can_be_drained_added_and_removed() {
    let site = Site::new().await;
    let vim = site.vim("lab", &["a"]).await;
    let drain = HostModifications { drained: Some(true) };
    let host = site.client.host_modify(&vim.hosts[0].id, &drain).await.unwrap();
    assert_eq!(host.state, HostState::Drained);
    let request = RegisterHostRequest {
        name: "b".to_owned(),
        zone: "zone-2".to_owned(),
        uri: "sim:lab/b".to_owned(),
        ..RegisterHostRequest::default()
    };
    let added = site.client.host_register(&vim.id, &request).await.unwrap();
    assert_eq!(added.state, HostState::Reachable);
    let twin = site.client.host_register(&vim.id, &request).await.unwrap_err();
    assert_eq!(twin.status(), Some(409));
    site.client.host_remove(&added.id).await.unwrap();
    assert!(site.client.host_read(&added.id).await.unwrap_err().is_not_found());
    site.client.vim_remove(&vim.id).await.unwrap();
    assert!(site.client.vim_list(&ListOptions::default()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_vim_of_an_unknown_kind_is_refused_and_so_is_a_second_one_of_the_same_name() {
    let site = Site::new().await;
    let request = |vim_type: &str| RegisterVimRequest {
        name: "lab".to_owned(),
        vim_type: vim_type.to_owned(),
        ..RegisterVimRequest::default()
    };
    let unknown = site.client.vim_register(&request("OPENSTACK.V_3")).await.unwrap_err();
    assert_eq!(unknown.status(), Some(422));
    assert!(unknown.to_string().contains("WINDLASS.LIBVIRT.V_1"), "{unknown}");
    site.client.vim_register(&request("WINDLASS.SIM.V_1")).await.unwrap();
    let second = site.client.vim_register(&request("WINDLASS.SIM.V_1")).await.unwrap_err();
    assert_eq!(second.status(), Some(409));
}
