//! Which machine reaches which address: over the cards, networks and routers that there are.

use std::net::Ipv4Addr;

use tokio::time::Instant;
use windlass_model::{HostId, Ipv4Net};
use windlass_vim::Nic;

use crate::machine::Machine;
use crate::world::World;

/// A packet goes over this many routers at most.
const HOPS: u32 = 64;

impl World {
    /// True when a packet from a machine on a host reaches an address and its answer comes back.
    pub(crate) fn pings(&self, from: &Machine, host: HostId, to: Ipv4Addr, now: Instant) -> bool {
        let Some(source) = source_address(from, to) else { return false };
        let there = self.follow(from, host, to, now);
        there.is_some_and(|(far, host)| self.follow(far, host, source, now).is_some())
    }

    /// The machine that a packet for an address ends at.
    fn follow<'a>(
        &'a self,
        from: &'a Machine,
        host: HostId,
        to: Ipv4Addr,
        now: Instant,
    ) -> Option<(&'a Machine, HostId)> {
        let (mut at, mut on) = (from, host);
        for _ in 0..HOPS {
            if at.addresses().any(|own| own == to) {
                return Some((at, on));
            }
            let (card, next) = next_hop(at, to)?;
            (at, on) = self.neighbour(on, card, next, now)?;
        }
        None
    }

    /// The machine that is up and has an address on the segment that a card is plugged into.
    fn neighbour(
        &self,
        host: HostId,
        card: &Nic,
        address: Ipv4Addr,
        now: Instant,
    ) -> Option<(&Machine, HostId)> {
        let has = |vm: &&Machine| {
            vm.is_up(now)
                && vm.spec.nics.iter().any(|nic| {
                    nic.address.is_some_and(|(own, _)| own == address) && self.joined(card, nic)
                })
        };
        let bridge = &self.hosts.get(&host)?.bridge;
        let network = self.networks.get(&card.network)?;
        // Where VLANs separate networks, a segment ends with its network's hosts.
        let near = |id: &HostId| network.vlan.is_none() || network.hosts.contains(id);
        self.hosts
            .iter()
            .filter(|(id, world)| world.bridge == *bridge && near(id))
            .find_map(|(id, world)| Some((world.machines.values().find(has)?, *id)))
    }

    /// True when two cards are on one segment: that of their network, or the one that all
    /// networks share where nothing separates them.
    fn joined(&self, one: &Nic, other: &Nic) -> bool {
        let shares = |nic: &Nic| {
            self.networks.get(&nic.network).is_some_and(|network| network.vlan.is_none())
        };
        one.network == other.network || (shares(one) && shares(other))
    }
}

/// The card and the next address on the way to an address: the address itself on a subnet of the
/// machine's own, else the default gateway.
fn next_hop(vm: &Machine, to: Ipv4Addr) -> Option<(&Nic, Ipv4Addr)> {
    let direct = vm.spec.nics.iter().find(|nic| is_local(nic, to)).map(|nic| (nic, to));
    direct.or_else(|| vm.spec.nics.iter().find_map(|nic| Some((nic, nic.gateway?))))
}

fn source_address(vm: &Machine, to: Ipv4Addr) -> Option<Ipv4Addr> {
    if vm.addresses().any(|own| own == to) {
        return Some(to);
    }
    let (card, _) = next_hop(vm, to)?;
    card.address.map(|(own, _)| own)
}

fn is_local(nic: &Nic, to: Ipv4Addr) -> bool {
    let subnet = nic.address.and_then(|(own, prefix)| Ipv4Net::new(own, prefix));
    subnet.is_some_and(|subnet| subnet.contains(to))
}
