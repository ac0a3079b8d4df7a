//! Network service instances.

use windlass_api::api::Api;
use windlass_api::common::{Link, ResourceHandle};
use windlass_api::nslcm::{
    NsCpHandle, NsInstance, NsInstanceLinks, NsLinkPortInfo, NsVirtualLinkInfo,
};
use windlass_api::vnflcm::{InstantiationState, VnfInstance};
use windlass_model::ns::{self, NsLink};

/// A network service as clients see it, with its VNFs as the VNFM tells of them.
pub(crate) fn ns_instance(ns: &ns::NsInstance, vnfs: Vec<VnfInstance>) -> NsInstance {
    let running = ns.instantiated.as_ref();
    let links = running.map_or(&[][..], |running| &running.links);
    NsInstance {
        id: ns.id.to_string(),
        ns_instance_name: ns.name.clone(),
        ns_instance_description: ns.description.clone(),
        nsd_id: ns.nsd_id.clone(),
        nsd_info_id: ns.nsd_info.to_string(),
        flavour_id: running.map(|running| running.flavour.clone()),
        priority: None,
        virtual_link_info: links.iter().map(|link| virtual_link(link, &vnfs)).collect(),
        vnf_instance: vnfs,
        sap_info: Vec::new(),
        nested_ns_instance_id: Vec::new(),
        ns_state: match running {
            Some(_) => InstantiationState::Instantiated,
            None => InstantiationState::NotInstantiated,
        },
        monitoring_parameter: Vec::new(),
        ns_scale_status: Vec::new(),
        links: ns_links(ns),
    }
}

/// A VNF as SOL005 shows it inside a service: without the VNFM's links and credentials.
pub(crate) fn vnf_of_service(vnf: VnfInstance) -> VnfInstance {
    let vim_id = vnf.vim_connection_info.values().find_map(|vim| vim.vim_id.clone());
    VnfInstance { vim_id, vim_connection_info: Default::default(), links: None, ..vnf }
}

fn virtual_link(link: &NsLink, vnfs: &[VnfInstance]) -> NsVirtualLinkInfo {
    let network = ResourceHandle {
        vim_id: Some(link.vim.to_string()),
        resource_id: link.network.to_string(),
        ..ResourceHandle::default()
    };
    NsVirtualLinkInfo {
        id: link.network.to_string(),
        ns_virtual_link_desc_id: link.virtual_link.clone(),
        ns_virtual_link_profile_id: link.virtual_link.clone(),
        resource_handle: vec![network],
        link_port: vnfs.iter().flat_map(|vnf| ports_on(link, vnf)).collect(),
    }
}

/// The ports that a VNF has on a link.
fn ports_on(link: &NsLink, vnf: &VnfInstance) -> Vec<NsLinkPortInfo> {
    let network = link.network.to_string();
    let links = vnf.instantiated_vnf_info.iter().flat_map(|info| &info.ext_virtual_link_info);
    let here = links.filter(|external| external.resource_handle.resource_id == network);
    here.flat_map(|external| &external.ext_link_ports)
        .map(|port| NsLinkPortInfo {
            id: port.id.clone(),
            resource_handle: port.resource_handle.clone(),
            ns_cp_handle: Some(NsCpHandle {
                vnf_instance_id: Some(vnf.id.clone()),
                vnf_ext_cp_instance_id: port.cp_instance_id.clone(),
                ..NsCpHandle::default()
            }),
        })
        .collect()
}

fn ns_links(ns: &ns::NsInstance) -> NsInstanceLinks {
    let this = format!("{}/ns_instances/{}", Api::NsLcm.root(), ns.id);
    let task = |name: &str, possible: bool| possible.then(|| Link::to(format!("{this}/{name}")));
    let runs = ns.instantiated.is_some();
    NsInstanceLinks {
        nested_ns_instances: Vec::new(),
        instantiate: task("instantiate", !runs),
        terminate: task("terminate", runs),
        update: None,
        scale: task("scale", runs),
        heal: task("heal", runs),
        this: Link::to(this),
    }
}
