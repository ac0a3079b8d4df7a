//! Grants and allocations.

use windlass_api::common::Link;
use windlass_api::grant::{
    AffinityOrAntiAffinity, ConstraintIdType, ConstraintResourceRef, Grant, GrantRequest,
    GrantRequestLinks, GrantedLcmOperationType, PlacementConstraint, PlacementScope,
    ResourceDefinition, ResourceType,
};
use windlass_api::windlass::{Capacity, HostModifications, VnfAllocation};
use windlass_model::{OperationId, Vim, VnfInstanceId};

use crate::env::Site;
use crate::example::{IMAGE, example, sha256, zipped};

const PING: &str = "9d3b7c12-54f8-4c55-8a0e-2b7d4e8f0a01";

fn request(vnf: VnfInstanceId, vnfcs: &[&str]) -> GrantRequest {
    let operation = OperationId::new();
    let add = vnfcs.iter().map(|name| ResourceDefinition {
        id: (*name).to_owned(),
        resource_type: ResourceType::Compute,
        vdu_id: Some("ping".to_owned()),
        vnfd_id: None,
        resource_template_id: "ping".to_owned(),
        secondary_resource_template_id: None,
        resource: None,
    });
    GrantRequest {
        vnf_instance_id: vnf.to_string(),
        vnf_lcm_op_occ_id: operation.to_string(),
        vnfd_id: PING.to_owned(),
        dst_vnfd_id: None,
        flavour_id: Some("default".to_owned()),
        operation: GrantedLcmOperationType::Instantiate,
        is_automatic_invocation: false,
        instantiation_level_id: None,
        add_resources: add.collect(),
        temp_resources: Vec::new(),
        remove_resources: Vec::new(),
        update_resources: Vec::new(),
        placement_constraints: Vec::new(),
        vim_constraints: Vec::new(),
        additional_params: Default::default(),
        links: GrantRequestLinks {
            vnf_lcm_op_occ: Link::to(format!("/vnflcm/v2/vnf_lcm_op_occs/{operation}")),
            vnf_instance: Link::to(format!("/vnflcm/v2/vnf_instances/{vnf}")),
        },
    }
}

fn apart(vnfcs: &[&str]) -> PlacementConstraint {
    let reference = |name: &&str| ConstraintResourceRef {
        id_type: ConstraintIdType::Grant,
        resource_id: (*name).to_owned(),
        vim_connection_id: None,
        resource_provider_id: None,
    };
    PlacementConstraint {
        affinity_or_anti_affinity: AffinityOrAntiAffinity::AntiAffinity,
        scope: PlacementScope::NfviNode,
        resource: vnfcs.iter().map(reference).collect(),
        fallback_best_effort: None,
    }
}

fn hosts(grant: &Grant) -> Vec<String> {
    grant.add_resources.iter().map(|info| info.host_id.clone().unwrap()).collect()
}

async fn site(hosts: &[&str]) -> Site {
    let site = Site::new().await;
    site.vim("lab", hosts).await;
    site.onboard(zipped(&example("ping-pong/ping"))).await;
    site
}

#[tokio::test]
async fn a_grant_says_where_everything_goes_and_how_that_is_reached() {
    let site = site(&["a", "b"]).await;
    let mut asked = request(VnfInstanceId::new(), &["ping-0", "ping-1"]);
    asked.placement_constraints = vec![apart(&["ping-0", "ping-1"])];
    let grant = site.client.grant_request(&asked).await.unwrap();
    let placed = hosts(&grant);
    assert_ne!(placed[0], placed[1]);
    let (id, connection) = grant.vim_connection_info.iter().next().unwrap();
    assert_eq!(connection.vim_type, "WINDLASS.SIM.V_1");
    let vim: Vim = serde_json::from_value(connection.interface_info["vim"].clone()).unwrap();
    assert_eq!(vim.id.to_string(), *id);
    assert!(placed.iter().all(|host| vim.hosts.iter().any(|one| one.id.to_string() == *host)));
    let zones: Vec<_> = grant.zones.iter().map(|zone| zone.id.as_str()).collect();
    let named = |zone: &Option<String>| zones.contains(&zone.as_deref().unwrap());
    assert!(grant.add_resources.iter().all(|info| named(&info.zone_id)));
    let image = &grant.vim_assets.as_ref().unwrap().software_images[0];
    assert_eq!(image.vim_software_image_id, format!("sha256:{}", sha256(IMAGE)));
    assert_eq!(site.client.grant_read(&grant.id).await.unwrap(), Some(grant));
}

#[tokio::test]
async fn an_operation_that_asks_twice_gets_the_same_grant_and_the_room_once() {
    let site = site(&["a"]).await;
    let asked = request(VnfInstanceId::new(), &["ping-0"]);
    let first = site.client.grant_request(&asked).await.unwrap();
    assert_eq!(site.client.grant_request(&asked).await.unwrap(), first);
    let host = site.client.host_read(&hosts(&first)[0]).await.unwrap();
    assert_eq!((host.used.vcpus, host.used.memory_mib), (1, 128));
}

#[tokio::test]
async fn an_operation_that_asks_twice_at_once_gets_one_grant_and_the_room_once() {
    let site = site(&["a", "b"]).await;
    let asked = request(VnfInstanceId::new(), &["ping-0"]);
    let ask = || site.client.grant_request(&asked);
    let (one, other) = tokio::join!(ask(), ask());
    let one = one.unwrap();
    assert_eq!(one, other.unwrap());
    assert_eq!(site.store.allocations().room().await.unwrap().allocations.len(), 1);
}

#[tokio::test]
async fn what_breaks_a_rule_is_refused_with_the_planners_words() {
    let site = site(&["alone"]).await;
    let mut asked = request(VnfInstanceId::new(), &["ping-0", "ping-1"]);
    asked.placement_constraints = vec![apart(&["ping-0", "ping-1"])];
    let refused = site.client.grant_request(&asked).await.unwrap_err();
    assert_eq!(refused.status(), Some(403));
    assert!(refused.to_string().contains("anti-affinity"), "{refused}");
    let stranger = GrantRequest { vnfd_id: "nothing".to_owned(), ..asked };
    let refused = site.client.grant_request(&stranger).await.unwrap_err();
    assert_eq!(refused.status(), Some(403));
}

#[tokio::test]
async fn nothing_new_goes_to_a_drained_host() {
    let site = site(&["a", "b"]).await;
    let vims = site.client.vim_list(&Default::default()).await.unwrap();
    let drain = HostModifications { drained: Some(true) };
    site.client.host_modify(&vims[0].hosts[0].id, &drain).await.unwrap();
    for _ in 0..3 {
        let asked = request(VnfInstanceId::new(), &["ping-0"]);
        let grant = site.client.grant_request(&asked).await.unwrap();
        assert_eq!(hosts(&grant), [vims[0].hosts[1].id.as_str()]);
    }
}

#[tokio::test]
async fn a_component_that_is_made_again_may_have_the_room_of_its_predecessor() {
    let site = site(&["a"]).await;
    let vcpus = site.client.host_list(&Default::default()).await.unwrap()[0].capacity.vcpus;
    let names: Vec<String> = (0..vcpus).map(|number| format!("ping-{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let vnf = VnfInstanceId::new();
    let all = site.client.grant_request(&request(vnf, &names)).await.unwrap();
    let mut healed = request(vnf, &["ping-0"]);
    let refused = site.client.grant_request(&healed).await.unwrap_err();
    assert_eq!(refused.status(), Some(403), "the host is full");
    healed.operation = GrantedLcmOperationType::Heal;
    healed.remove_resources = healed.add_resources.clone();
    let grant = site.client.grant_request(&healed).await.unwrap();
    assert_eq!(hosts(&grant), hosts(&all)[..1]);
    let host = site.client.host_read(&hosts(&grant)[0]).await.unwrap();
    assert_eq!(host.used.vcpus, vcpus, "the room is counted once");
}

#[tokio::test]
async fn grants_that_are_asked_for_at_once_never_overbook_a_host() {
    let site = site(&["a", "b"]).await;
    let room: u32 = {
        let hosts = site.client.host_list(&Default::default()).await.unwrap();
        hosts.iter().map(|host| host.capacity.vcpus).sum()
    };
    let asks =
        (0..room + 5).map(|_| {
            let client = site.client.clone();
            async move {
                client.grant_request(&request(VnfInstanceId::new(), &["ping-0"])).await.is_ok()
            }
        });
    let granted = futures::future::join_all(asks).await.into_iter().filter(|ok| *ok).count();
    assert_eq!(granted, usize::try_from(room).unwrap());
    for host in site.client.host_list(&Default::default()).await.unwrap() {
        assert_eq!(host.used.vcpus, host.capacity.vcpus);
    }
}

#[tokio::test]
async fn what_a_vnf_says_it_holds_replaces_what_was_reserved_and_keeps_its_host() {
    let site = site(&["a"]).await;
    let vnf = VnfInstanceId::new();
    let asked = request(vnf, &["ping-0", "ping-1"]);
    let grant = site.client.grant_request(&asked).await.unwrap();
    let host_id = hosts(&grant)[0].clone();
    let holds = VnfAllocation {
        vnfc: "ping-0".to_owned(),
        host_id: host_id.clone(),
        vm_id: None,
        takes: Capacity { vcpus: 1, memory_mib: 128, storage_gib: 1, ..Capacity::default() },
    };
    site.client.vnf_allocations_put(&vnf.to_string(), None, &[holds]).await.unwrap();
    assert_eq!(site.client.host_read(&host_id).await.unwrap().used.vcpus, 1);
    let refused = site.client.host_remove(&host_id).await.unwrap_err();
    assert_eq!(refused.status(), Some(409));
    assert!(refused.to_string().contains("ping-0"), "{refused}");
    site.client.vnf_allocations_put(&vnf.to_string(), None, &[]).await.unwrap();
    assert_eq!(site.client.host_read(&host_id).await.unwrap().used.vcpus, 0);
    site.client.host_remove(&host_id).await.unwrap();
}
