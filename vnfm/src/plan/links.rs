//! Where connection points lead: external links as the request names them, internal networks, and
//! the addresses on both.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use uuid::Uuid;
use windlass_api::common::{ExtVirtualLinkData, IpAddressType, VnfExtCpData};
use windlass_descriptors::vnfd::{Flavour, VduCp, VnfVirtualLink};
use windlass_model::vnf::{ExternalCp, ExternalLink, InstantiatedVnf, VnfNetwork};
use windlass_model::{Ipv4Net, NetworkId, VimId};

use super::PlanError;

/// Addresses that one range may name; more is a mistake.
const RANGE_LIMIT: usize = 4096;

/// The external links that a request names. Subnet and gateway are learnt from the VIM later.
///
/// # Errors
/// When an id is no UUID: Windlass' VIMs name networks by UUID.
pub fn external(
    links: &[ExtVirtualLinkData],
    default_vim: Option<VimId>,
) -> Result<Vec<ExternalLink>, PlanError> {
    links.iter().map(|link| external_link(link, default_vim)).collect()
}

fn external_link(
    link: &ExtVirtualLinkData,
    default_vim: Option<VimId>,
) -> Result<ExternalLink, PlanError> {
    let bad = |what, text: &str| PlanError::BadIdentifier { what, text: text.to_owned() };
    let network = Uuid::parse_str(&link.resource_id)
        .map_err(|_not_a_uuid| bad("the network", &link.resource_id))?;
    let vim = match &link.vim_connection_id {
        Some(id) => Some(id.parse::<VimId>().map_err(|_not_a_uuid| bad("the VIM connection", id))?),
        None => default_vim,
    };
    let vim = vim.ok_or_else(|| bad("the VIM connection", ""))?;
    Ok(ExternalLink {
        id: link.id.clone(),
        vim,
        network: NetworkId(network),
        cidr: None,
        gateway: None,
        mtu: None,
        cps: link.ext_cps.iter().map(external_cp).collect(),
    })
}

fn external_cp(cp: &VnfExtCpData) -> ExternalCp {
    let given = cp
        .cp_config
        .values()
        .flat_map(|config| &config.cp_protocol_data)
        .filter_map(|protocol| protocol.ip_over_ethernet.as_ref())
        .flat_map(|ethernet| &ethernet.ip_addresses)
        .filter(|data| data.address_type == IpAddressType::Ipv4);
    let mut addresses = Vec::new();
    for data in given {
        addresses.extend(data.fixed_addresses.iter().filter_map(|a| a.parse::<Ipv4Addr>().ok()));
        if let Some(range) = &data.address_range
            && let (Ok(first), Ok(last)) =
                (range.min_address.parse::<Ipv4Addr>(), range.max_address.parse::<Ipv4Addr>())
        {
            let range = (u32::from(first)..=u32::from(last)).take(RANGE_LIMIT);
            addresses.extend(range.map(Ipv4Addr::from));
        }
    }
    ExternalCp { cpd: cp.cpd_id.clone(), addresses }
}

/// Where a connection point leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The network.
    pub network: NetworkId,
    /// Its subnet, when known.
    pub cidr: Option<Ipv4Net>,
    /// Its router, when it has one.
    pub gateway: Option<Ipv4Addr>,
    /// MTU in bytes, when it is not the default.
    pub mtu: Option<u16>,
    /// The external connection point that leads there, when one does.
    pub external_cpd: Option<String>,
    /// The addresses that may be used there, in order; `None` leaves all of the subnet.
    pub addresses: Option<Vec<Ipv4Addr>>,
}

/// Where a VDU's connection point leads; `None` when it is connected to nothing.
#[must_use]
pub fn attachment(flavour: &Flavour, vnf: &InstantiatedVnf, cp: &VduCp) -> Option<Attachment> {
    let exposed = flavour.exposures_of(cp.cp.id.as_str());
    let opened = flavour.ext_cps.values().filter(|ext| {
        ext.internal_virtual_link.is_some() && ext.internal_virtual_link == cp.virtual_link
    });
    let names = exposed.chain(opened).flat_map(|ext| {
        std::iter::once(ext.cp.id.as_str()).chain(ext.requirements.iter().map(String::as_str))
    });
    let names: BTreeSet<&str> = names.chain(std::iter::once(cp.cp.id.as_str())).collect();
    let outside = vnf.external_links.iter().find_map(|link| {
        let external = link.cps.iter().find(|external| names.contains(external.cpd.as_str()))?;
        Some(Attachment {
            network: link.network,
            cidr: link.cidr,
            gateway: link.gateway,
            mtu: link.mtu,
            external_cpd: Some(external.cpd.clone()),
            addresses: (!external.addresses.is_empty()).then(|| external.addresses.clone()),
        })
    });
    outside.or_else(|| inside(flavour, vnf, cp))
}

fn inside(flavour: &Flavour, vnf: &InstantiatedVnf, cp: &VduCp) -> Option<Attachment> {
    let link = cp.virtual_link.as_ref()?;
    let network = vnf.networks.iter().find(|network| network.virtual_link == link.as_str())?;
    let described = flavour.virtual_links.get(link)?;
    Some(Attachment {
        network: network.network,
        cidr: Some(network.cidr),
        gateway: gateway(described),
        mtu: mtu(described),
        external_cpd: None,
        addresses: None,
    })
}

/// The internal links that need a network of their own: those that connection points of the
/// flavour's VDUs are on and that no external link takes the place of.
pub fn internal<'a>(
    flavour: &'a Flavour,
    vnf: &'a InstantiatedVnf,
) -> impl Iterator<Item = &'a VnfVirtualLink> {
    let replaced =
        |link: &VnfVirtualLink| {
            flavour.ext_cps.values().any(|ext| {
                ext.internal_virtual_link.as_ref() == Some(&link.id)
                    && vnf.external_links.iter().flat_map(|external| &external.cps).any(|cp| {
                        cp.cpd == ext.cp.id.as_str() || ext.requirements.contains(&cp.cpd)
                    })
            })
        };
    flavour.virtual_links.values().filter(move |link| !replaced(link))
}

/// The subnet of an internal link; links that name none get one that nobody else sees.
///
/// # Errors
/// When the VNFD's subnet is no IPv4 network.
pub fn subnet(link: &VnfVirtualLink) -> Result<Ipv4Net, PlanError> {
    let cidr = link.profile.subnet().map_or("192.168.255.0/24", |l3| l3.cidr.as_str());
    cidr.parse().map_err(|_not_a_network| PlanError::BadSubnet {
        link: link.id.as_str().to_owned(),
        cidr: cidr.to_owned(),
    })
}

/// The router of an internal link, when it has one.
#[must_use]
pub fn gateway(link: &VnfVirtualLink) -> Option<Ipv4Addr> {
    link.profile.subnet()?.gateway_ip.as_deref()?.parse().ok()
}

/// The MTU of an internal link, when it is not the default.
#[must_use]
pub fn mtu(link: &VnfVirtualLink) -> Option<u16> {
    u16::try_from(link.profile.segment()?.mtu_bytes?).ok()
}

/// Picks an address on a link that nobody of this VNF has.
///
/// # Errors
/// When none is left.
pub fn address(
    to: &Attachment,
    cp: &VduCp,
    vnfc: &str,
    taken: &BTreeSet<(NetworkId, Ipv4Addr)>,
) -> Result<Option<(Ipv4Addr, u8)>, PlanError> {
    let Some(cidr) = to.cidr else { return Ok(None) };
    let is_free = |address: &Ipv4Addr| !taken.contains(&(to.network, *address));
    let fixed = || cp.cp.fixed_addresses().filter_map(|text| text.parse::<Ipv4Addr>().ok());
    let free = match &to.addresses {
        Some(given) => given.iter().copied().find(is_free),
        None => fixed()
            .find(is_free)
            .or_else(|| cidr.hosts().find(|a| is_free(a) && Some(*a) != to.gateway)),
    };
    let none = || PlanError::NoAddress { cpd: cp.cp.id.as_str().to_owned(), vnfc: vnfc.to_owned() };
    free.map(|address| Some((address, cidr.prefix_length()))).ok_or_else(none)
}

/// The network of an internal link as the VNF remembers it.
///
/// # Errors
/// When the VNFD's subnet is no IPv4 network.
pub fn network(
    link: &VnfVirtualLink,
    vim: VimId,
    operation: Uuid,
) -> Result<VnfNetwork, PlanError> {
    let name = link.id.as_str();
    Ok(VnfNetwork {
        virtual_link: name.to_owned(),
        vim,
        network: NetworkId::named(operation, &format!("network/{name}")),
        cidr: subnet(link)?,
    })
}
