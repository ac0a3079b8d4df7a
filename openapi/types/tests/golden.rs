//! Representative messages, held to their JSON: a change of a name or an attribute shows here first.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

use chrono::{DateTime, TimeZone, Utc};
use serde_json::{Value, json};
use windlass_api::common::{
    CpProtocolData, ExtVirtualLinkData, IpAddressData, IpAddressType, IpOverEthernetAddressData,
    LayerProtocol, Link, ProblemDetails, ResourceHandle, ScaleInfo, VnfExtCpConfig, VnfExtCpData,
};
use windlass_api::grant::{
    AffinityOrAntiAffinity, ConstraintIdType, ConstraintResourceRef, Grant, GrantInfo, GrantLinks,
    GrantRequest, GrantRequestLinks, GrantedLcmOperationType, PlacementConstraint, PlacementScope,
    ResourceDefinition, ResourceType, VimAssets, VimSoftwareImage, ZoneInfo,
};
use windlass_api::nslcm::{
    AffinityOrAntiAffinityRule, NsInstance, ScaleNsRequest, TerminateNsRequest,
};
use windlass_api::vnflcm::{
    AffectedVnfc, CreateVnfRequest, InstantiateVnfRequest, InstantiatedVnfInfo, InstantiationState,
    LcmOperationState, LcmOperationType, ResourceChangeType, ResourceChanges, VnfInstance,
    VnfInstanceLinks, VnfLcmOpOcc, VnfOperationalState,
};
use windlass_api::windlass::{OperationProgress, OperationStep, StepState};

/// Holds `message` to the file of this name; `INSTA_UPDATE=always` rewrites it.
fn golden(name: &str, message: &impl serde::Serialize) {
    insta::assert_json_snapshot!(name, message);
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 3, 1, 12, 0, 0).unwrap()
}

fn compute(id: &str) -> ResourceHandle {
    ResourceHandle {
        vim_connection_id: Some("vim-1".into()),
        resource_id: id.into(),
        ..ResourceHandle::default()
    }
}

fn instance(info: Option<InstantiatedVnfInfo>) -> VnfInstance {
    VnfInstance {
        id: "vnf-1".into(),
        vnf_instance_name: Some("router".into()),
        vnf_instance_description: None,
        vnfd_id: "vnfd-1".into(),
        vnf_provider: "Acme".into(),
        vnf_product_name: "Router".into(),
        vnf_software_version: "1.0".into(),
        vnfd_version: "1.0".into(),
        vnf_pkg_id: None,
        vnf_configurable_properties: Default::default(),
        vim_id: None,
        vim_connection_info: Default::default(),
        instantiation_state: match info {
            Some(_) => InstantiationState::Instantiated,
            None => InstantiationState::NotInstantiated,
        },
        instantiated_vnf_info: info,
        metadata: Default::default(),
        extensions: Default::default(),
        links: Some(VnfInstanceLinks {
            this: Link::to("/vnflcm/v2/vnf_instances/vnf-1"),
            ..VnfInstanceLinks::default()
        }),
    }
}

#[test]
fn a_vnf_that_is_instantiated() {
    golden(
        "vnf_instance",
        &instance(Some(InstantiatedVnfInfo {
            flavour_id: "default".into(),
            vnf_state: VnfOperationalState::Started,
            scale_status: vec![ScaleInfo {
                aspect_id: "workers".into(),
                vnfd_id: None,
                scale_level: 1,
            }],
            max_scale_levels: vec![],
            ext_cp_info: vec![],
            ext_virtual_link_info: vec![],
            ext_managed_virtual_link_info: vec![],
            monitoring_parameters: vec![],
            localization_language: None,
            vnfc_resource_info: vec![],
            vnf_virtual_link_resource_info: vec![],
            virtual_storage_resource_info: vec![],
            vnfc_info: vec![],
        })),
    );
}

#[test]
fn an_instantiation_with_a_fixed_address() {
    let address = IpAddressData {
        address_type: IpAddressType::Ipv4,
        fixed_addresses: vec!["192.0.2.10".into()],
        num_dynamic_addresses: None,
        address_range: None,
        subnet_id: None,
    };
    let protocol = CpProtocolData {
        layer_protocol: LayerProtocol::IpOverEthernet,
        ip_over_ethernet: Some(IpOverEthernetAddressData {
            mac_address: Some("52:54:00:00:00:01".into()),
            ip_addresses: vec![address],
            ..Default::default()
        }),
    };
    let config = VnfExtCpConfig { cp_protocol_data: vec![protocol], ..Default::default() };
    golden(
        "instantiate_vnf_request",
        &InstantiateVnfRequest {
            flavour_id: "default".into(),
            ext_virtual_links: vec![ExtVirtualLinkData {
                id: "left".into(),
                resource_id: "net-left".into(),
                ext_cps: vec![VnfExtCpData {
                    cpd_id: "left_cp".into(),
                    cp_config: [("1".to_owned(), config)].into(),
                }],
                ..Default::default()
            }],
            ..Default::default()
        },
    );
}

#[test]
fn an_operation_that_stopped_half_way() {
    let added = AffectedVnfc {
        id: "vnfc-1".into(),
        vdu_id: "worker".into(),
        vnfd_id: None,
        change_type: ResourceChangeType::Added,
        compute_resource: compute("domain-1"),
        resource_definition_id: Some("1".into()),
        zone_id: None,
        metadata: Default::default(),
        affected_vnfc_cp_ids: vec![],
        added_storage_resource_ids: vec!["disk-1".into()],
        removed_storage_resource_ids: vec![],
    };
    golden(
        "vnf_lcm_op_occ",
        &VnfLcmOpOcc {
            id: "op-1".into(),
            operation_state: LcmOperationState::FailedTemp,
            state_entered_time: noon(),
            start_time: noon(),
            vnf_instance_id: "vnf-1".into(),
            grant_id: Some("grant-1".into()),
            operation: LcmOperationType::Instantiate,
            is_automatic_invocation: false,
            operation_params: Some(json!({ "flavourId": "default" })),
            is_cancel_pending: false,
            cancel_mode: None,
            error: Some(ProblemDetails::new(503, "host h2 does not answer")),
            resource_changes: Some(ResourceChanges {
                affected_vnfcs: vec![added],
                ..Default::default()
            }),
            changed_info: None,
            changed_ext_connectivity: vec![],
            warnings: vec![],
            links: None,
        },
    );
}

#[test]
fn a_grant_request_that_keeps_two_machines_apart() {
    let definition = |id: &str| ResourceDefinition {
        id: id.into(),
        resource_type: ResourceType::Compute,
        vdu_id: Some("worker".into()),
        vnfd_id: None,
        resource_template_id: "worker".into(),
        secondary_resource_template_id: None,
        resource: None,
    };
    let reference = |id: &str| ConstraintResourceRef {
        id_type: ConstraintIdType::Grant,
        resource_id: id.into(),
        vim_connection_id: None,
        resource_provider_id: None,
    };
    golden(
        "grant_request",
        &GrantRequest {
            vnf_instance_id: "vnf-1".into(),
            vnf_lcm_op_occ_id: "op-1".into(),
            vnfd_id: "vnfd-1".into(),
            dst_vnfd_id: None,
            flavour_id: Some("default".into()),
            operation: GrantedLcmOperationType::Instantiate,
            is_automatic_invocation: false,
            instantiation_level_id: None,
            add_resources: vec![definition("1"), definition("2")],
            temp_resources: vec![],
            remove_resources: vec![],
            update_resources: vec![],
            placement_constraints: vec![PlacementConstraint {
                affinity_or_anti_affinity: AffinityOrAntiAffinity::AntiAffinity,
                scope: PlacementScope::NfviNode,
                resource: vec![reference("1"), reference("2")],
                fallback_best_effort: Some(false),
            }],
            vim_constraints: vec![],
            additional_params: Default::default(),
            links: GrantRequestLinks {
                vnf_lcm_op_occ: Link::to("/vnflcm/v2/vnf_lcm_op_occs/op-1"),
                vnf_instance: Link::to("/vnflcm/v2/vnf_instances/vnf-1"),
            },
        },
    );
}

#[test]
fn a_grant_that_says_where_a_machine_goes() {
    golden(
        "grant",
        &Grant {
            id: "grant-1".into(),
            vnf_instance_id: "vnf-1".into(),
            vnf_lcm_op_occ_id: "op-1".into(),
            zones: vec![ZoneInfo {
                id: "z1".into(),
                zone_id: "north".into(),
                ..Default::default()
            }],
            add_resources: vec![GrantInfo {
                resource_definition_id: "1".into(),
                vim_connection_id: Some("vim-1".into()),
                zone_id: Some("z1".into()),
                host_id: Some("host-1".into()),
                ..Default::default()
            }],
            vim_assets: Some(VimAssets {
                software_images: vec![VimSoftwareImage {
                    vnfd_software_image_id: "worker".into(),
                    vim_software_image_id: "sha256-ab12".into(),
                    ..Default::default()
                }],
                ..Default::default()
            }),
            links: GrantLinks { this: Link::to("/grant/v1/grants/grant-1"), ..Default::default() },
            ..Default::default()
        },
    );
}

#[test]
fn the_progress_of_an_operation() {
    let step = |name: &str, state, ended_at| OperationStep {
        id: name.into(),
        name: name.into(),
        subject: "worker 1 on h1".into(),
        state,
        started_at: Some(noon()),
        ended_at,
        attempt: 1,
        error: None,
    };
    golden(
        "operation_progress",
        &OperationProgress {
            operation_id: "op-1".into(),
            state: LcmOperationState::Processing.to_string(),
            steps: vec![
                step("create_volume", StepState::Done, Some(noon())),
                step("create_vnfc", StepState::Running, None),
            ],
            done: 1,
            total: 2,
        },
    );
}

/// Reads `text` as a `T` and writes it again.
fn there_and_back<T: serde::de::DeserializeOwned + serde::Serialize>(text: Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(text).unwrap()).unwrap()
}

#[test]
fn attributes_that_we_do_not_know_are_passed_over() {
    let request = json!({ "vnfdId": "vnfd-1", "vnfInstanceName": null, "x-acme": { "deep": [1] } });
    assert_eq!(there_and_back::<CreateVnfRequest>(request), json!({ "vnfdId": "vnfd-1" }));
}

#[test]
fn names_that_break_the_pattern_of_the_standard_are_kept() {
    let rule = json!({ "affinityOrAntiAffiinty": "AFFINITY", "scope": "ZONE" });
    let right = json!({ "affinityOrAntiAffinity": "AFFINITY", "scope": "ZONE" });
    assert_eq!(there_and_back::<AffinityOrAntiAffinityRule>(rule.clone()), rule);
    assert_eq!(there_and_back::<AffinityOrAntiAffinityRule>(right), rule);
    let terminate = json!({ "terminateNsData": { "additionalParamsforNs": { "a": 1 } } });
    assert_eq!(there_and_back::<TerminateNsRequest>(terminate.clone()), terminate);
    let scale = json!({
        "scaleType": "SCALE_VNF",
        "scaleVnfData": [{
            "vnfInstanceId": "vnf-1",
            "scaleVnfType": "SCALE_TO_SCALE_LEVEL(S)",
            "scaleToLevelData": { "vnfScaleInfo": [{ "aspectId": "workers", "scaleLevel": 2 }] },
        }],
    });
    assert_eq!(there_and_back::<ScaleNsRequest>(scale.clone()), scale);
}

#[test]
fn a_service_shows_its_vnfs_as_sol005_does() {
    let service = json!({
        "id": "ns-1",
        "nsInstanceName": "edge",
        "nsInstanceDescription": "",
        "nsdId": "nsd-1",
        "nsdInfoId": "nsd-info-1",
        "flavourId": "default",
        "vnfInstance": [{
            "id": "vnf-1",
            "vnfdId": "vnfd-1",
            "vnfProvider": "Acme",
            "vnfProductName": "Router",
            "vnfSoftwareVersion": "1.0",
            "vnfdVersion": "1.0",
            "vnfPkgId": "pkg-1",
            "vimId": "vim-1",
            "instantiationState": "NOT_INSTANTIATED",
        }],
        "virtualLinkInfo": [{
            "id": "vl-1",
            "nsVirtualLinkDescId": "left",
            "nsVirtualLinkProfileId": "left_profile",
            "resourceHandle": [{ "vimId": "vim-1", "resourceId": "net-1" }],
        }],
        "nsState": "INSTANTIATED",
        "_links": { "self": { "href": "/nslcm/v2/ns_instances/ns-1" } },
    });
    assert_eq!(there_and_back::<NsInstance>(service.clone()), service);
}
