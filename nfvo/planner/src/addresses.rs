//! Which addresses each connection point of a virtual link may use.
//!
//! The NFVO hands out addresses before anything runs, so that VNFs of different vendors meet on a
//! link without a DHCP server and a VNF that is healed comes back where its peers look for it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use windlass_model::network::Ipv4Net;

/// A virtual link and who wants addresses on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkAsk {
    /// The link's subnet.
    pub cidr: Ipv4Net,
    /// Its router. Nobody gets this address who does not name it as a fixed one.
    pub gateway: Option<Ipv4Addr>,
    /// The ranges that addresses are taken from, in this order; none means the whole subnet.
    pub pools: Vec<Pool>,
    /// The connection points, by `profile/cpd`.
    pub points: BTreeMap<String, PointAsk>,
    /// What was handed out before. It stays as it is, also for points that are not asked for now;
    /// a point that has gone is left out by the caller.
    pub existing: BTreeMap<String, Vec<Ipv4Addr>>,
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// The first address.
    pub first: Ipv4Addr,
    /// The last address, which belongs to it.
    pub last: Ipv4Addr,
}

/// What one connection point wants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointAsk {
    /// How many instances of it there can be at most: each wants an address.
    pub count: u32,
    /// Addresses that the descriptor names. They go to the first instances in this order; what
    /// is left of `count` comes from the pools.
    pub fixed: Vec<Ipv4Addr>,
}

/// Why the addresses cannot be handed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoAddress {
    /// A fixed address is not one that a host of the subnet can have.
    #[error("{point} names the fixed address {address}, which is no host address of {cidr}")]
    Outside {
        /// The connection point.
        point: String,
        /// The address.
        address: Ipv4Addr,
        /// The link's subnet.
        cidr: Ipv4Net,
    },
    /// A fixed address belongs to another connection point.
    #[error("{point} names the fixed address {address}, which {by} has")]
    Taken {
        /// The connection point.
        point: String,
        /// The address.
        address: Ipv4Addr,
        /// Who has it.
        by: String,
    },
    /// The pools are used up.
    #[error("{point} wants {wanted} addresses of {cidr} and the pools have {free} left")]
    UsedUp {
        /// The connection point.
        point: String,
        /// How many it wants from the pools.
        wanted: usize,
        /// How many there are.
        free: usize,
        /// The link's subnet.
        cidr: Ipv4Net,
    },
}

/// Hands every connection point of a link the addresses that it may use.
///
/// No address goes to two points, and the same ask always gets the same answer.
///
/// # Errors
/// [`NoAddress`] when a fixed address cannot be had or the pools are used up.
pub fn allocate(link: &LinkAsk) -> Result<BTreeMap<String, Vec<Ipv4Addr>>, NoAddress> {
    let mut owners = Owners::of(&link.existing);
    for (name, point) in &link.points {
        owners.claim_fixed(name, point, link)?;
    }
    for (name, point) in &link.points {
        owners.fill(name, point, link)?;
    }
    Ok(owners.lists)
}

/// Who has which address.
struct Owners {
    lists: BTreeMap<String, Vec<Ipv4Addr>>,
    owner: BTreeMap<Ipv4Addr, String>,
}

impl Owners {
    fn of(existing: &BTreeMap<String, Vec<Ipv4Addr>>) -> Self {
        let pairs = existing.iter().flat_map(|(name, list)| list.iter().map(move |a| (*a, name)));
        Self {
            lists: existing.clone(),
            owner: pairs.map(|(address, name)| (address, name.clone())).collect(),
        }
    }

    /// Fixed addresses go first for all points, so that no pool hands out what another one names.
    fn claim_fixed(
        &mut self,
        name: &str,
        point: &PointAsk,
        link: &LinkAsk,
    ) -> Result<(), NoAddress> {
        self.lists.entry(name.to_owned()).or_default();
        for address in point.fixed.iter().copied() {
            if self.missing(name, point) == 0 {
                break;
            }
            if !is_host(link.cidr, address) {
                return Err(NoAddress::Outside { point: name.into(), address, cidr: link.cidr });
            }
            match self.owner.get(&address) {
                Some(by) if by == name => {}
                Some(by) => {
                    return Err(NoAddress::Taken { point: name.into(), address, by: by.clone() });
                }
                None => self.give(name, address),
            }
        }
        Ok(())
    }

    fn fill(&mut self, name: &str, point: &PointAsk, link: &LinkAsk) -> Result<(), NoAddress> {
        let wanted = self.missing(name, point);
        let free: Vec<Ipv4Addr> = pool_addresses(link)
            .filter(|address| Some(*address) != link.gateway && !self.owner.contains_key(address))
            .take(wanted)
            .collect();
        if free.len() < wanted {
            let (free, cidr) = (free.len(), link.cidr);
            return Err(NoAddress::UsedUp { point: name.into(), wanted, free, cidr });
        }
        for address in free {
            self.give(name, address);
        }
        Ok(())
    }

    fn missing(&self, name: &str, point: &PointAsk) -> usize {
        let has = self.lists.get(name).map_or(0, Vec::len);
        usize::try_from(point.count).unwrap_or(usize::MAX).saturating_sub(has)
    }

    fn give(&mut self, name: &str, address: Ipv4Addr) {
        self.owner.insert(address, name.to_owned());
        self.lists.entry(name.to_owned()).or_default().push(address);
    }
}

/// The addresses of the pools that hosts can have, in order and each once.
fn pool_addresses(link: &LinkAsk) -> impl Iterator<Item = Ipv4Addr> + '_ {
    let (first, last) = host_range(link.cidr);
    let whole = Pool { first: first.into(), last: last.into() };
    let pools = if link.pools.is_empty() { vec![whole] } else { link.pools.clone() };
    let mut seen = BTreeSet::new();
    pools
        .into_iter()
        .flat_map(move |pool| u32::from(pool.first).max(first)..=u32::from(pool.last).min(last))
        .filter(move |address| seen.insert(*address))
        .map(Ipv4Addr::from)
}

fn is_host(cidr: Ipv4Net, address: Ipv4Addr) -> bool {
    let (first, last) = host_range(cidr);
    (first..=last).contains(&u32::from(address))
}

/// The first and the last address that a host may have: without the network's own and the
/// broadcast address, except in a /31 or /32, which have neither.
fn host_range(cidr: Ipv4Net) -> (u32, u32) {
    let base = u32::from(cidr.base());
    let host_bits = u32::MAX.checked_shr(u32::from(cidr.prefix_length())).unwrap_or(0);
    let end = base | host_bits;
    if host_bits > 1 { (base + 1, end - 1) } else { (base, end) }
}
