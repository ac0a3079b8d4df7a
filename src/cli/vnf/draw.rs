//! VNFs as tables and pages.

use std::collections::BTreeMap;

use windlass_api::common::{CpProtocolInfo, ScaleInfo};
use windlass_api::vnflcm::{InstantiatedVnfInfo, VnfInstance, VnfcResourceInfo};

use super::super::draw::{Cell, Grid, Page, Style};

/// The names of hosts by their ids.
pub type HostNames = BTreeMap<String, String>;

/// One line per VNF.
pub fn table(vnfs: &[VnfInstance], style: &Style) -> String {
    let headings = ["id", "name", "product", "version", "state", "components", "scale"];
    let mut grid = Grid::new(style, &headings);
    for vnf in vnfs {
        let info = vnf.instantiated_vnf_info.as_ref();
        grid.row([
            Cell::id(&vnf.id),
            Cell::maybe(vnf.vnf_instance_name.as_ref()),
            Cell::from(&vnf.vnf_product_name),
            Cell::from(&vnf.vnf_software_version),
            match info {
                Some(info) => Cell::state(info.vnf_state),
                None => Cell::state(vnf.instantiation_state),
            },
            Cell::from(info.map_or(0, |info| info.vnfc_resource_info.len())),
            Cell::from(info.map(|info| scale(&info.scale_status)).unwrap_or_default()),
        ]);
    }
    grid.to_string()
}

/// A VNF with everything that it consists of.
pub fn page(vnf: &VnfInstance, hosts: &HostNames, style: &Style) -> String {
    let page = Page::new(style)
        .field("id", &vnf.id)
        .maybe("name", vnf.vnf_instance_name.as_ref())
        .maybe("description", vnf.vnf_instance_description.as_ref())
        .field("VNFD", &vnf.vnfd_id)
        .field("product", format!("{} {}", vnf.vnf_product_name, vnf.vnf_software_version))
        .field("provider", &vnf.vnf_provider)
        .state("instance", vnf.instantiation_state);
    let Some(info) = &vnf.instantiated_vnf_info else { return page.draw() };
    page.state("state", info.vnf_state)
        .field("flavour", &info.flavour_id)
        .field("scale", scale(&info.scale_status))
        .table("Components", &components(info, hosts, style))
        .table("Connection points", &connection_points(info, style))
        .table("Networks", &networks(info, style))
        .table("Volumes", &volumes(info, style))
        .draw()
}

/// The IP addresses of a connection point, or its MAC address if it has none.
pub fn addresses(protocols: &[CpProtocolInfo]) -> impl Iterator<Item = String> {
    protocols.iter().filter_map(|protocol| protocol.ip_over_ethernet.as_ref()).flat_map(|layer| {
        let ips = layer.ip_addresses.iter().flat_map(|ip| &ip.addresses).cloned();
        let ips: Vec<String> = ips.collect();
        if ips.is_empty() { layer.mac_address.iter().cloned().collect() } else { ips }
    })
}

/// `web 2, db 0`.
fn scale(levels: &[ScaleInfo]) -> String {
    let level = |level: &ScaleInfo| format!("{} {}", level.aspect_id, level.scale_level);
    levels.iter().map(level).collect::<Vec<_>>().join(", ")
}

fn components(info: &InstantiatedVnfInfo, hosts: &HostNames, style: &Style) -> Grid {
    let mut grid = Grid::new(style, &["id", "VDU", "zone", "host", "machine", "addresses"]);
    for vnfc in &info.vnfc_resource_info {
        let points = vnfc.vnfc_cp_info.iter();
        let addresses: Vec<String> =
            points.flat_map(|point| addresses(&point.cp_protocol_info)).collect();
        grid.row([
            Cell::id(&vnfc.id),
            Cell::from(&vnfc.vdu_id),
            Cell::maybe_id(vnfc.zone_id.as_ref()),
            host(vnfc, hosts),
            Cell::id(&vnfc.compute_resource.resource_id),
            Cell::from(addresses.join(" ")),
        ]);
    }
    grid
}

/// The host that a component runs on, by name if that is known; VNFMs that are not ours do not say.
fn host(vnfc: &VnfcResourceInfo, hosts: &HostNames) -> Cell {
    let id = vnfc.metadata.get("hostId").and_then(serde_json::Value::as_str);
    match id.and_then(|id| hosts.get(id)) {
        Some(name) => Cell::from(name),
        None => Cell::maybe_id(id),
    }
}

fn connection_points(info: &InstantiatedVnfInfo, style: &Style) -> Grid {
    let mut grid = Grid::new(style, &["id", "point", "addresses"]);
    for point in &info.ext_cp_info {
        let addresses: Vec<String> = addresses(&point.cp_protocol_info).collect();
        grid.row([Cell::id(&point.id), Cell::from(&point.cpd_id), Cell::from(addresses.join(" "))]);
    }
    grid
}

fn networks(info: &InstantiatedVnfInfo, style: &Style) -> Grid {
    let mut grid = Grid::new(style, &["id", "link", "resource", "ports"]);
    for link in &info.vnf_virtual_link_resource_info {
        grid.row([
            Cell::id(&link.id),
            Cell::from(&link.vnf_virtual_link_desc_id),
            Cell::id(&link.network_resource.resource_id),
            Cell::from(link.vnf_link_ports.len()),
        ]);
    }
    grid
}

fn volumes(info: &InstantiatedVnfInfo, style: &Style) -> Grid {
    let mut grid = Grid::new(style, &["id", "storage", "resource"]);
    for volume in &info.virtual_storage_resource_info {
        grid.row([
            Cell::id(&volume.id),
            Cell::from(&volume.virtual_storage_desc_id),
            Cell::id(&volume.storage_resource.resource_id),
        ]);
    }
    grid
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn web() -> VnfInstance {
        let address = json!([{
            "layerProtocol": "IP_OVER_ETHERNET",
            "ipOverEthernet": { "macAddress": "52:54:00:00:00:01",
                "ipAddresses": [{ "type": "IPV4", "addresses": ["10.0.0.5"] }] },
        }]);
        serde_json::from_value(json!({
            "id": "0193a1b2-c3d4-7abc-8def-0123456789ab",
            "vnfInstanceName": "web", "vnfdId": "vnfd-1", "vnfProvider": "Acme",
            "vnfProductName": "Server", "vnfSoftwareVersion": "1.0", "vnfdVersion": "1.0",
            "instantiationState": "INSTANTIATED",
            "instantiatedVnfInfo": {
                "flavourId": "simple", "vnfState": "STARTED",
                "scaleStatus": [{ "aspectId": "workers", "scaleLevel": 1 }],
                "extCpInfo": [{ "id": "cp-1", "cpdId": "front", "cpProtocolInfo": address }],
                "vnfcResourceInfo": [{ "id": "web-0", "vduId": "web", "zoneId": "left", "metadata": { "hostId": "host-1" },
                    "computeResource": { "resourceId": "0193a1b2-c3d4-7abc-8def-01234567cdef" },
                    "vnfcCpInfo": [{ "id": "cp-2", "cpdId": "eth0", "cpProtocolInfo": address }] }],
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_list_of_vnfs_reads_at_a_glance() {
        insta::assert_snapshot!(table(&[web()], &Style::default()), @r"
        ID        NAME  PRODUCT  VERSION  STATE    COMPONENTS  SCALE
        456789ab  web   Server   1.0      STARTED  1           workers 1
        ");
    }

    #[test]
    fn a_vnf_shows_where_its_components_are_and_how_they_are_reached() {
        let hosts = HostNames::from([("host-1".to_owned(), "rack-1".to_owned())]);
        insta::assert_snapshot!(page(&web(), &hosts, &Style::default()), @r"
        id        0193a1b2-c3d4-7abc-8def-0123456789ab
        name      web
        VNFD      vnfd-1
        product   Server 1.0
        provider  Acme
        instance  INSTANTIATED
        state     STARTED
        flavour   simple
        scale     workers 1

        Components
          ID     VDU  ZONE  HOST    MACHINE   ADDRESSES
          web-0  web  left  rack-1  4567cdef  10.0.0.5

        Connection points
          ID    POINT  ADDRESSES
          cp-1  front  10.0.0.5
        ");
    }
}
