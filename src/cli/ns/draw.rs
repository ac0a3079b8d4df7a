//! Services as tables and pages.

use windlass_api::nslcm::NsInstance;

use super::super::draw::{Cell, Grid, Page, Style};
use super::super::vnf::addresses;

/// One line per service.
pub fn table(services: &[NsInstance], style: &Style) -> String {
    let mut grid = Grid::new(style, &["id", "name", "state", "flavour", "VNFs", "description"]);
    for ns in services {
        grid.row([
            Cell::id(&ns.id),
            Cell::from(&ns.ns_instance_name),
            Cell::state(ns.ns_state),
            Cell::maybe(ns.flavour_id.as_ref()),
            Cell::from(ns.vnf_instance.len()),
            Cell::from(&ns.ns_instance_description),
        ]);
    }
    grid.to_string()
}

/// A service with its VNFs and networks.
pub fn page(ns: &NsInstance, style: &Style) -> String {
    let levels: Vec<String> = ns
        .ns_scale_status
        .iter()
        .map(|level| format!("{} at {}", level.ns_scaling_aspect_id, level.ns_scale_level_id))
        .collect();
    Page::new(style)
        .field("id", &ns.id)
        .field("name", &ns.ns_instance_name)
        .field("description", &ns.ns_instance_description)
        .field("NSD", &ns.nsd_id)
        .state("state", ns.ns_state)
        .maybe("flavour", ns.flavour_id.as_ref())
        .field("scale", levels.join(", "))
        .table("VNFs", &vnfs(ns, style))
        .table("Networks", &networks(ns, style))
        .table("Access points", &access_points(ns, style))
        .text("Nested services", &ns.nested_ns_instance_id.join("\n"))
        .draw()
}

fn vnfs(ns: &NsInstance, style: &Style) -> Grid {
    let mut grid = Grid::new(style, &["id", "name", "product", "state", "components", "addresses"]);
    for vnf in &ns.vnf_instance {
        let info = vnf.instantiated_vnf_info.as_ref();
        let points = info.map(|info| info.ext_cp_info.as_slice()).unwrap_or_default();
        let addresses: Vec<String> =
            points.iter().flat_map(|point| addresses(&point.cp_protocol_info)).collect();
        grid.row([
            Cell::id(&vnf.id),
            Cell::maybe(vnf.vnf_instance_name.as_ref()),
            Cell::from(&vnf.vnf_product_name),
            match info {
                Some(info) => Cell::state(info.vnf_state),
                None => Cell::state(vnf.instantiation_state),
            },
            Cell::from(info.map_or(0, |info| info.vnfc_resource_info.len())),
            Cell::from(addresses.join(" ")),
        ]);
    }
    grid
}

fn networks(ns: &NsInstance, style: &Style) -> Grid {
    let mut grid = Grid::new(style, &["id", "link", "resource", "ports"]);
    for link in &ns.virtual_link_info {
        let resources: Vec<&str> =
            link.resource_handle.iter().map(|handle| style.id(&handle.resource_id)).collect();
        grid.row([
            Cell::id(&link.id),
            Cell::from(&link.ns_virtual_link_desc_id),
            Cell::from(resources.join(" ")),
            Cell::from(link.link_port.len()),
        ]);
    }
    grid
}

fn access_points(ns: &NsInstance, style: &Style) -> Grid {
    let mut grid = Grid::new(style, &["id", "name", "addresses"]);
    for sap in &ns.sap_info {
        let addresses: Vec<String> = addresses(&sap.sap_protocol_info).collect();
        grid.row([Cell::id(&sap.id), Cell::from(&sap.sap_name), Cell::from(addresses.join(" "))]);
    }
    grid
}
