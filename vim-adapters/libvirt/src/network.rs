//! Networks: one libvirt network of the same UUID on every host, bridged to the hosts' common
//! segment, separated by a VLAN where it can be: by a tag on the ports of a bridge that filters
//! VLANs, or, where the bridge's name is a pattern like `seg{vlan}`, by a bridge that the hosts'
//! operator has made for each VLAN.
//!
//! There is no allocator of VLANs. A network is called `windlass-vlan-<id>`, libvirt keeps names
//! unique, so defining it claims the VLAN on that host:
//!
//! ```text
//!  look at all hosts ─▶ lowest free VLAN ─▶ define on each host ─▶ look again ─▶ done
//!         ▲                                     │ name taken           │ seen twice
//!         └──────────── next higher ◀───────────┴──── undefine ◀───────┘
//! ```
//! All hosts of the VIM are looked at, not only those that get the network: they share the segment.
//! Two processes that choose the same VLAN on different hosts see each other at the second look,
//! because each looks after it has defined.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;

use tracing::debug;
use virt::connect::Connect;
use virt::error::ErrorNumber;
use virt::network::Network as Defined;
use windlass_model::{Host, HostId, Ipv4Net, NetworkId, Tag};
use windlass_vim::{Error, Network, NetworkSpec, Result};

use crate::fault::{Fault, Outcome};
use crate::link::Link;
use crate::metadata;
use crate::session::Session;
use crate::vlan;
use crate::xml::Element;

const VLAN_NAME: &str = "windlass-vlan-";
/// In the name of a host's bridge it stands for the VLAN's id: that host has a bridge for each.
const PER_VLAN: &str = "{vlan}";
const FLAT_NAME: &str = "windlass-net-";

/// A network as a host has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: NetworkId,
    pub(crate) name: String,
    /// `None` when it does not carry our metadata.
    pub(crate) ours: Option<Ours>,
    vlan: Option<u16>,
}

/// What our metadata says of a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ours {
    pub(crate) tag: Tag,
    cidr: Ipv4Net,
    gateway: Option<Ipv4Addr>,
    mtu: Option<u16>,
}

/// What came of an attempt to define a network.
enum Claim {
    /// It is there.
    Made,
    /// Another network has the name.
    Taken,
}

/// Makes a network on `wanted`, which are some of `all` links.
pub(crate) async fn ensure(
    all: &[Arc<Link>],
    wanted: &[Arc<Link>],
    spec: &NetworkSpec,
) -> Result<Network> {
    let mut wanted = wanted.to_vec();
    wanted.sort_by_key(|link| link.host.id);
    let range = wanted.iter().find_map(|link| link.host.vlans);
    let vlan = match range {
        Some(range) => Some(claim_vlan(all, &wanted, spec, range).await?),
        None => match define_on_all(&wanted, spec, None).await? {
            Claim::Made => None,
            Claim::Taken => return Err(not_ours(&wanted, &format!("{FLAT_NAME}{}", spec.id))),
        },
    };
    let hosts = holders(&survey(all).await, spec.id);
    Ok(Network { spec: spec.clone(), vlan, hosts })
}

/// A network as the hosts that answer have it.
pub(crate) async fn get(all: &[Arc<Link>], network: NetworkId) -> Result<Option<Network>> {
    let seen = survey(all).await;
    let hosts = holders(&seen, network);
    let found = seen.into_iter().flat_map(|(_, networks)| networks).find(|n| n.id == network);
    let Some((found, ours)) = found.and_then(|found| Some((found.clone(), found.ours?))) else {
        return Ok(None);
    };
    let Ours { tag, cidr, gateway, mtu, .. } = ours;
    let spec = NetworkSpec { id: network, tag, cidr, gateway, mtu };
    Ok(Some(Network { spec, vlan: found.vlan, hosts }))
}

/// Removes a network from every host. All reachable hosts are rid of it even when one is away.
pub(crate) async fn delete(all: &[Arc<Link>], network: NetworkId) -> Result<()> {
    let mut result = Ok(());
    for link in all {
        let removed = link
            .call_alone(network, "remove a network", move |session| {
                undefine(session.connect(), network)
            })
            .await;
        result = result.and(removed);
    }
    result
}

/// All networks of a host.
pub(crate) fn list(connect: &Connect) -> Outcome<Vec<Found>> {
    let mut found = Vec::new();
    for network in connect.list_all_networks(0)? {
        // One that goes away while we look is not there.
        if let Ok(xml) = network.get_xml_desc(0)
            && let Some(network) = read(&xml)
        {
            found.push(network);
        }
    }
    Ok(found)
}

/// The name of a network on a host.
pub(crate) fn name(connect: &Connect, network: NetworkId) -> Outcome<String> {
    match Defined::lookup_by_uuid(connect, network.0) {
        Ok(network) => Ok(network.get_name()?),
        Err(error) if error.code() == ErrorNumber::NoNetwork => {
            Err(Fault::Missing(format!("the network {network}")))
        }
        Err(error) => Err(error.into()),
    }
}

/// The description of a network on a host.
pub(crate) fn describe(host: &Host, spec: &NetworkSpec, vlan: Option<u16>) -> Element {
    let mut ours = metadata::element(&spec.tag).attr("cidr", spec.cidr);
    if let Some(gateway) = spec.gateway {
        ours = ours.attr("gateway", gateway);
    }
    if let Some(mtu) = spec.mtu {
        ours = ours.attr("mtu", mtu);
    }
    let name = match vlan {
        Some(vlan) => format!("{VLAN_NAME}{vlan}"),
        None => format!("{FLAT_NAME}{}", spec.id),
    };
    let (bridge, tag) = match vlan {
        Some(vlan) if host.bridge.contains(PER_VLAN) => {
            (host.bridge.replace(PER_VLAN, &vlan.to_string()), None)
        }
        Some(vlan) => (host.bridge.clone(), Some(Element::new("tag").attr("id", vlan))),
        None => (host.bridge.clone(), None),
    };
    Element::new("network")
        .child(Element::new("name").text(name))
        .child(Element::new("uuid").text(spec.id))
        .child(Element::new("metadata").child(ours))
        .child(Element::new("forward").attr("mode", "bridge"))
        .child(Element::new("bridge").attr("name", bridge))
        .with(tag.map(|tag| Element::new("vlan").child(tag)))
}

async fn claim_vlan(
    all: &[Arc<Link>],
    wanted: &[Arc<Link>],
    spec: &NetworkSpec,
    range: (u16, u16),
) -> Result<u16> {
    let mut tried = BTreeSet::new();
    // Every turn adds to `tried`, so this ends when the range is used up.
    loop {
        let seen = survey(all).await;
        let known = seen.iter().flat_map(|(_, networks)| networks);
        if let Some(vlan) = known.clone().find(|n| n.id == spec.id).and_then(|n| n.vlan) {
            return match define_on_all(wanted, spec, Some(vlan)).await? {
                Claim::Made => Ok(vlan),
                Claim::Taken => Err(not_ours(wanted, &format!("{VLAN_NAME}{vlan}"))),
            };
        }
        let taken = known.filter_map(|n| n.vlan).chain(tried.iter().copied()).collect();
        let Some(vlan) = vlan::lowest_free(&taken, range) else {
            let reason = format!("every VLAN from {} to {} is taken", range.0, range.1);
            return Err(Error::NoRoom { host: wanted[0].host.id, reason });
        };
        tried.insert(vlan);
        if let Claim::Made = define_on_all(wanted, spec, Some(vlan)).await?
            && !is_shared(&survey(all).await, spec.id, vlan)
        {
            return Ok(vlan);
        }
        debug!(network = %spec.id, vlan, "somebody else took the VLAN: trying the next");
        for link in wanted {
            let id = spec.id;
            let undefine = move |session: &Session| undefine(session.connect(), id);
            link.call_alone(id, "give back a VLAN", undefine).await?;
        }
    }
}

async fn define_on_all(
    wanted: &[Arc<Link>],
    spec: &NetworkSpec,
    vlan: Option<u16>,
) -> Result<Claim> {
    for link in wanted {
        let (host, spec) = (link.host.clone(), spec.clone());
        let claim = link
            .call_alone(spec.id, "make a network", move |session| {
                define(session.connect(), &host, &spec, vlan)
            })
            .await?;
        if let Claim::Taken = claim {
            return Ok(Claim::Taken);
        }
    }
    Ok(Claim::Made)
}

fn define(connect: &Connect, host: &Host, spec: &NetworkSpec, vlan: Option<u16>) -> Outcome<Claim> {
    let network = match Defined::lookup_by_uuid(connect, spec.id.0) {
        Ok(network) => {
            if read(&network.get_xml_desc(0)?).and_then(|found| found.ours).is_none() {
                return Err(Fault::NotOurs(format!("the network {}", spec.id)));
            }
            network
        }
        Err(_none) => {
            let description = describe(host, spec, vlan);
            match Defined::define_xml(connect, &description.to_string()) {
                Ok(network) => network,
                Err(error) => {
                    let name = description.at(&["name"]).map_or("", Element::content);
                    return match Defined::lookup_by_name(connect, name) {
                        Ok(_) => Ok(Claim::Taken),
                        Err(_) => Err(error.into()),
                    };
                }
            }
        }
    };
    network.set_autostart(true)?;
    if !network.is_active()?
        && let Err(error) = network.create()
        && !network.is_active()?
    {
        return Err(error.into());
    }
    Ok(Claim::Made)
}

/// Removes a network; another call may remove it at the same time.
fn undefine(connect: &Connect, id: NetworkId) -> Outcome<()> {
    match undefine_found(connect, id) {
        Err(Fault::Libvirt(error)) if error.code() == ErrorNumber::NoNetwork => Ok(()),
        result => result,
    }
}

fn undefine_found(connect: &Connect, id: NetworkId) -> Outcome<()> {
    let network = Defined::lookup_by_uuid(connect, id.0)?;
    if read(&network.get_xml_desc(0)?).and_then(|found| found.ours).is_none() {
        return Err(Fault::NotOurs(format!("the network {id}")));
    }
    if network.is_active()?
        && let Err(error) = network.destroy()
        && network.is_active()?
    {
        return Err(error.into());
    }
    Ok(network.undefine()?)
}

/// The networks of every host that answers.
async fn survey(all: &[Arc<Link>]) -> Vec<(HostId, Vec<Found>)> {
    let looks = all.iter().map(|link| async move {
        let networks = link.call("list networks", |session| list(session.connect())).await;
        Some((link.host.id, networks.ok()?))
    });
    futures::future::join_all(looks).await.into_iter().flatten().collect()
}

fn holders(seen: &[(HostId, Vec<Found>)], id: NetworkId) -> Vec<HostId> {
    let has = |networks: &[Found]| networks.iter().any(|network| network.id == id);
    seen.iter().filter(|(_, networks)| has(networks)).map(|(host, _)| *host).collect()
}

fn is_shared(seen: &[(HostId, Vec<Found>)], id: NetworkId, vlan: u16) -> bool {
    seen.iter().flat_map(|(_, found)| found).any(|n| n.vlan == Some(vlan) && n.id != id)
}

fn read(xml: &str) -> Option<Found> {
    let network = Element::parse(xml)?;
    let name = network.at(&["name"])?.content();
    Some(Found {
        id: network.at(&["uuid"])?.content().parse().ok()?,
        name: name.to_owned(),
        ours: network.at(&["metadata", "resource"]).and_then(read_ours),
        vlan: name.strip_prefix(VLAN_NAME).and_then(|vlan| vlan.parse().ok()),
    })
}

fn read_ours(element: &Element) -> Option<Ours> {
    Some(Ours {
        tag: metadata::tag_of(element)?,
        cidr: element.get("cidr")?.parse().ok()?,
        gateway: element.get("gateway").and_then(|gateway| gateway.parse().ok()),
        mtu: element.get("mtu").and_then(|mtu| mtu.parse().ok()),
    })
}

fn not_ours(wanted: &[Arc<Link>], name: &str) -> Error {
    Error::NotOurs { host: wanted[0].host.id, what: format!("the network {name}") }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use windlass_model::{Accelerator, Capacity, HostState, NsInstanceId, OperationId, Owner};

    use super::*;

    fn host(bridge: &str) -> Host {
        Host {
            id: HostId(Uuid::nil()),
            name: "a".to_owned(),
            zone: "z".to_owned(),
            uri: "qemu:///system".to_owned(),
            bridge: bridge.to_owned(),
            vlans: Some((100, 199)),
            drained: false,
            state: HostState::Reachable,
            problem: None,
            capacity: Capacity::default(),
            accelerator: Accelerator::Tcg,
        }
    }

    fn spec() -> NetworkSpec {
        NetworkSpec {
            id: NetworkId(Uuid::from_u128(1)),
            tag: Tag {
                owner: Owner::Ns(NsInstanceId(Uuid::from_u128(2))),
                operation: OperationId(Uuid::from_u128(3)),
                name: "internal".to_owned(),
            },
            cidr: "10.1.0.0/24".parse().unwrap(),
            gateway: Some(Ipv4Addr::new(10, 1, 0, 1)),
            mtu: Some(1450),
        }
    }

    #[test]
    fn a_network_is_separated_by_a_tag_on_the_bridge() {
        insta::assert_snapshot!(describe(&host("br0"), &spec(), Some(100)));
    }

    #[test]
    fn a_network_has_a_bridge_of_its_own_where_the_hosts_have_one_per_vlan() {
        let xml = describe(&host("seg{vlan}"), &spec(), Some(100)).to_string();
        assert!(xml.contains("<bridge name=\"seg100\"/>") && !xml.contains("<tag"), "{xml}");
    }

    #[test]
    fn what_a_network_was_made_with_is_read_back() {
        let spec = spec();
        for vlan in [None, Some(100)] {
            let found = read(&describe(&host("br0"), &spec, vlan).to_string()).unwrap();
            let ours = found.ours.unwrap();
            assert_eq!((found.id, found.vlan), (spec.id, vlan));
            assert_eq!((ours.cidr, ours.gateway, ours.mtu), (spec.cidr, spec.gateway, spec.mtu));
            assert_eq!(ours.tag, spec.tag);
        }
    }

    #[test]
    fn a_network_of_somebody_else_is_not_ours() {
        let xml = format!("<network><name>default</name><uuid>{}</uuid></network>", Uuid::nil());
        assert_eq!(read(&xml).unwrap().ours, None);
    }
}
