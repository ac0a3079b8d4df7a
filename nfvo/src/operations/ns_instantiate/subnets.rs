//! The subnets of a service's virtual links.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use uuid::Uuid;
use windlass_descriptors::nsd::NsVirtualLink;
use windlass_descriptors::vnfd::L3Protocol;
use windlass_lcm::StepError;
use windlass_model::{Ipv4Net, OperationId};
use windlass_planner::addresses::Pool;

/// What a virtual link's descriptor says of its network, made whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subnet {
    pub cidr: Ipv4Net,
    pub gateway: Option<Ipv4Addr>,
    pub pools: Vec<Pool>,
    pub mtu: Option<u16>,
}

/// The subnet of a link: as described, else one of its own that is not in `taken`.
pub(super) fn subnet(
    operation: OperationId,
    link: &NsVirtualLink,
    taken: &BTreeSet<Ipv4Net>,
) -> Result<Subnet, StepError> {
    let described = link.profile.subnet();
    let wrong = |what: String| StepError::lasting(422, format!("link {}: {what}", link.id));
    let cidr = match described {
        Some(l3) => l3.cidr.parse::<Ipv4Net>().map_err(|error| wrong(error.to_string()))?,
        None => free(operation, link.id.as_str(), taken),
    };
    let gateway = described.and_then(|l3| l3.gateway_ip.as_ref());
    let gateway = gateway.or_else(|| link.metadata.get("windlass.gateway_ip"));
    let address = |text: &String| {
        text.parse::<Ipv4Addr>().map_err(|_not_one| wrong(format!("{text:?} is no IPv4 address")))
    };
    let gateway = gateway.map(address).transpose()?;
    let mtu = link.profile.segment().and_then(|l2| l2.mtu_bytes).map(u16::try_from).transpose();
    let mtu =
        mtu.map_err(|_too_great| wrong("its MTU is greater than any network's".to_owned()))?;
    let pools = described.map(pools).transpose().map_err(wrong)?.unwrap_or_default();
    Ok(Subnet { cidr, gateway, pools, mtu })
}

fn pools(l3: &L3Protocol) -> Result<Vec<Pool>, String> {
    let address = |text: &str| {
        text.parse::<Ipv4Addr>().map_err(|_not_one| format!("{text:?} is no IPv4 address"))
    };
    let pools = l3.ip_allocation_pools.iter();
    pools.map(|pool| Ok(Pool { first: address(&pool.start)?, last: address(&pool.end)? })).collect()
}

/// A /24 of 10.128.0.0/9 that follows from the operation and the link, so that a plan that is made
/// twice names the same one, and two services seldom do: where a site separates its links by no
/// VLANs they would otherwise meet.
fn free(operation: OperationId, link: &str, taken: &BTreeSet<Ipv4Net>) -> Ipv4Net {
    let subnet = |attempt: u32| {
        let name = format!("subnet/{link}/{attempt}");
        let bytes = Uuid::new_v5(&operation.0, name.as_bytes()).into_bytes();
        Ipv4Net::new(Ipv4Addr::new(10, bytes[0] | 0x80, bytes[1], 0), 24)
    };
    let mut subnets = (0..).filter_map(subnet);
    // A service has far fewer links than there are subnets.
    subnets.find(|net| !taken.contains(net)).unwrap_or_else(|| unreachable!("subnets are endless"))
}
