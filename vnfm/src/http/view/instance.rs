//! `VnfInstance` (SOL003 clause 5.5.2.2).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use windlass_api::common::{
    CpProtocolInfo, IpAddressInfo, IpAddressType, IpOverEthernetAddressInfo, LayerProtocol, Link,
    ResourceHandle, ScaleInfo, VimConnectionInfo, VnfExtCpData,
};
use windlass_api::vnflcm::{
    ExtVirtualLinkInfo, InstantiatedVnfInfo, InstantiationState, VirtualStorageResourceInfo,
    VnfExtCpInfo, VnfInstance, VnfInstanceLinks, VnfOperationalState, VnfVirtualLinkResourceInfo,
    VnfcCpInfo, VnfcInfo, VnfcResourceInfo,
};
use windlass_descriptors::vnfd::Flavour;
use windlass_model::vnf::{self, InstantiatedVnf, Vnfc, VnfcCp};
use windlass_model::{NetworkId, VimId};

use super::instance_path;

/// A VNF instance as clients see it; the flavour, where it is known, adds what only it knows.
pub fn instance(vnf: &vnf::VnfInstance, flavour: Option<&Flavour>) -> VnfInstance {
    let product = &vnf.product;
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let vims = vnf.instantiated.iter().flat_map(|instantiated| &instantiated.vims);
    VnfInstance {
        id: vnf.id.to_string(),
        vnf_instance_name: text(&vnf.name),
        vnf_instance_description: text(&vnf.description),
        vnfd_id: product.vnfd_id.clone(),
        vnf_provider: product.provider.clone(),
        vnf_product_name: product.name.clone(),
        vnf_software_version: product.software_version.clone(),
        vnfd_version: product.vnfd_version.clone(),
        vnf_pkg_id: None,
        vnf_configurable_properties: pairs(&vnf.configurable_properties),
        vim_id: None,
        vim_connection_info: vims.map(|vim| (vim.id.to_string(), connection(vim))).collect(),
        instantiation_state: if vnf.instantiated.is_some() {
            InstantiationState::Instantiated
        } else {
            InstantiationState::NotInstantiated
        },
        instantiated_vnf_info: vnf.instantiated.as_ref().map(|info| instantiated(info, flavour)),
        metadata: pairs(&vnf.metadata),
        extensions: pairs(&vnf.extensions),
        links: Some(links(vnf, flavour)),
    }
}

fn pairs(map: &BTreeMap<String, Value>) -> Map<String, Value> {
    map.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn connection(vim: &windlass_model::Vim) -> VimConnectionInfo {
    let mut interface_info = Map::new();
    interface_info.insert("name".to_owned(), json!(vim.name));
    VimConnectionInfo {
        vim_id: Some(vim.id.to_string()),
        vim_type: vim.kind.vim_type().to_owned(),
        interface_info,
        ..VimConnectionInfo::default()
    }
}

fn links(vnf: &vnf::VnfInstance, flavour: Option<&Flavour>) -> VnfInstanceLinks {
    let this = instance_path(vnf.id);
    let task = |name: &str, possible: bool| possible.then(|| Link::to(format!("{this}/{name}")));
    let runs = vnf.instantiated.is_some();
    let scales = runs && flavour.is_some_and(|flavour| !flavour.scaling_aspects.is_empty());
    VnfInstanceLinks {
        instantiate: task("instantiate", !runs),
        terminate: task("terminate", runs),
        scale: task("scale", scales),
        scale_to_level: task("scale_to_level", scales),
        heal: task("heal", runs),
        operate: task("operate", runs),
        change_ext_conn: None,
        this: Link::to(this),
    }
}

fn instantiated(info: &InstantiatedVnf, flavour: Option<&Flavour>) -> InstantiatedVnfInfo {
    let scale = |aspect: &str, scale_level| ScaleInfo {
        aspect_id: aspect.to_owned(),
        vnfd_id: None,
        scale_level,
    };
    let state =
        if info.started { VnfOperationalState::Started } else { VnfOperationalState::Stopped };
    let aspects = flavour.iter().flat_map(|flavour| flavour.scaling_aspects.values());
    InstantiatedVnfInfo {
        flavour_id: info.flavour.clone(),
        vnf_state: state,
        scale_status: info.scale_levels.iter().map(|(a, level)| scale(a, *level)).collect(),
        max_scale_levels: aspects.map(|a| scale(a.id.as_str(), a.max_scale_level)).collect(),
        ext_cp_info: info.vnfcs.iter().flat_map(ext_cps).collect(),
        ext_virtual_link_info: info.external_links.iter().map(external_link).collect(),
        ext_managed_virtual_link_info: vec![],
        monitoring_parameters: vec![],
        localization_language: None,
        vnfc_resource_info: info.vnfcs.iter().map(vnfc_resource).collect(),
        vnf_virtual_link_resource_info: info
            .networks
            .iter()
            .map(|network| VnfVirtualLinkResourceInfo {
                id: network.virtual_link.clone(),
                vnf_virtual_link_desc_id: network.virtual_link.clone(),
                network_resource: network_handle(network.vim, network.network),
                ..VnfVirtualLinkResourceInfo::default()
            })
            .collect(),
        virtual_storage_resource_info: info.vnfcs.iter().flat_map(storages).collect(),
        vnfc_info: info
            .vnfcs
            .iter()
            .map(|vnfc| VnfcInfo {
                id: vnfc.name.clone(),
                vdu_id: vnfc.vdu.clone(),
                vnfc_resource_info_id: Some(vnfc.name.clone()),
                vnfc_state: state,
                vnfc_configurable_properties: Map::new(),
            })
            .collect(),
    }
}

fn handle(vim: VimId, resource_id: String, kind: &str) -> ResourceHandle {
    ResourceHandle {
        vim_connection_id: Some(vim.to_string()),
        resource_id,
        vim_level_resource_type: Some(kind.to_owned()),
        ..ResourceHandle::default()
    }
}

fn network_handle(vim: VimId, network: NetworkId) -> ResourceHandle {
    handle(vim, network.to_string(), "network")
}

fn vnfc_resource(vnfc: &Vnfc) -> VnfcResourceInfo {
    let mut metadata = Map::new();
    metadata.insert("hostId".to_owned(), json!(vnfc.host));
    VnfcResourceInfo {
        id: vnfc.name.clone(),
        vdu_id: vnfc.vdu.clone(),
        compute_resource: handle(vnfc.vim, vnfc.vm.to_string(), "machine"),
        zone_id: Some(vnfc.zone.clone()),
        storage_resource_ids: vnfc.volumes.iter().map(|v| v.volume.to_string()).collect(),
        vnfc_cp_info: vnfc
            .cps
            .iter()
            .map(|cp| VnfcCpInfo {
                id: cp_id(vnfc, cp),
                cpd_id: cp.cpd.clone(),
                vnf_ext_cp_id: cp.external_cpd.as_ref().map(|_| ext_cp_id(vnfc, cp)),
                cp_protocol_info: vec![protocol(cp)],
                ..VnfcCpInfo::default()
            })
            .collect(),
        metadata,
        ..VnfcResourceInfo::default()
    }
}

fn cp_id(vnfc: &Vnfc, cp: &VnfcCp) -> String {
    format!("{}/{}", vnfc.name, cp.cpd)
}

fn ext_cp_id(vnfc: &Vnfc, cp: &VnfcCp) -> String {
    format!("ext/{}", cp_id(vnfc, cp))
}

fn ext_cps(vnfc: &Vnfc) -> impl Iterator<Item = VnfExtCpInfo> {
    vnfc.cps.iter().filter_map(move |cp| {
        Some(VnfExtCpInfo {
            id: ext_cp_id(vnfc, cp),
            cpd_id: cp.external_cpd.clone()?,
            cp_protocol_info: vec![protocol(cp)],
            associated_vnfc_cp_id: Some(cp_id(vnfc, cp)),
            ..VnfExtCpInfo::default()
        })
    })
}

fn protocol(cp: &VnfcCp) -> CpProtocolInfo {
    let address = cp.address.map(|(address, _)| IpAddressInfo {
        address_type: IpAddressType::Ipv4,
        addresses: vec![address.to_string()],
        is_dynamic: Some(false),
        address_range: None,
        subnet_id: None,
    });
    CpProtocolInfo {
        layer_protocol: LayerProtocol::IpOverEthernet,
        ip_over_ethernet: Some(IpOverEthernetAddressInfo {
            mac_address: Some(cp.mac.clone()),
            segmentation_id: None,
            ip_addresses: address.into_iter().collect(),
        }),
    }
}

fn external_link(link: &vnf::ExternalLink) -> ExtVirtualLinkInfo {
    let cp = |cp: &vnf::ExternalCp| VnfExtCpData { cpd_id: cp.cpd.clone(), ..Default::default() };
    ExtVirtualLinkInfo {
        id: link.id.clone(),
        resource_handle: network_handle(link.vim, link.network),
        ext_link_ports: vec![],
        current_vnf_ext_cp_data: link.cps.iter().map(cp).collect(),
    }
}

fn storages(vnfc: &Vnfc) -> impl Iterator<Item = VirtualStorageResourceInfo> {
    vnfc.volumes.iter().map(move |volume| VirtualStorageResourceInfo {
        id: volume.volume.to_string(),
        virtual_storage_desc_id: volume.storage.clone(),
        storage_resource: handle(vnfc.vim, volume.volume.to_string(), "volume"),
        zone_id: Some(vnfc.zone.clone()),
        ..VirtualStorageResourceInfo::default()
    })
}
