//! Networks and their VLANs.

use std::collections::BTreeSet;

use windlass_model::{HostId, NetworkId};
use windlass_vim::{Error, Network, NetworkSpec};

use crate::fact::Fact;
use crate::world::{NetworkWorld, World};

impl World {
    pub(crate) fn ensure_network(
        &mut self,
        hosts: &[HostId],
        spec: &NetworkSpec,
    ) -> Result<Network, Error> {
        let bridges = self.bridges(hosts)?;
        let vlan = match self.networks.get(&spec.id) {
            Some(network) => network.vlan,
            None => self.free_vlan(hosts, &bridges)?,
        };
        let everywhere = |there: &NetworkWorld| hosts.iter().all(|host| there.hosts.contains(host));
        if !self.networks.get(&spec.id).is_some_and(everywhere) {
            let hosts = hosts.iter().copied().collect();
            self.change(Fact::Network { spec: spec.clone(), vlan, hosts });
        }
        let network = self.networks.entry(spec.id);
        Ok(network.or_insert_with(|| NetworkWorld::new(spec.clone(), vlan)).view())
    }

    /// Makes a network, or has it on more hosts.
    pub(crate) fn extend_network(
        &mut self,
        spec: NetworkSpec,
        vlan: Option<u16>,
        hosts: &BTreeSet<HostId>,
    ) {
        if let Some(vlan) = vlan {
            for bridge in self.bridges_of(hosts) {
                self.vlans.entry(bridge).or_default().take(vlan);
            }
        }
        let network = self.networks.entry(spec.id);
        network.or_insert_with(|| NetworkWorld::new(spec, vlan)).hosts.extend(hosts);
    }

    /// Forgets a network, and gives its VLAN back.
    pub(crate) fn forget_network(&mut self, network: NetworkId) {
        let Some(gone) = self.networks.remove(&network) else { return };
        let Some(vlan) = gone.vlan else { return };
        for bridge in self.bridges_of(&gone.hosts) {
            if let Some(vlans) = self.vlans.get_mut(&bridge) {
                vlans.free(vlan);
            }
        }
    }

    pub(crate) fn delete_network(&mut self, network: NetworkId) -> Result<(), Error> {
        let Some(gone) = self.networks.get(&network) else { return Ok(()) };
        for &host in &gone.hosts {
            let plugged = |vm: &&crate::machine::Machine| {
                vm.spec.nics.iter().any(|nic| nic.network == network)
            };
            if let Some(vm) = self.host(host)?.machines.values().find(plugged) {
                let reason = format!("machine {} has a card on it", vm.spec.name);
                let action = format!("remove network {network}");
                return Err(Error::Refused { host, action, reason });
            }
        }
        self.change(Fact::NetworkGone { network });
        Ok(())
    }

    /// The lowest VLAN of the first host's range that is free on all bridges; `None` where there
    /// are no VLANs and all networks share one segment.
    fn free_vlan(
        &self,
        hosts: &[HostId],
        bridges: &BTreeSet<String>,
    ) -> Result<Option<u16>, Error> {
        let Some(&host) = hosts.first() else { return Ok(None) };
        let Some((first, last)) = self.host(host)?.vlans else { return Ok(None) };
        let taken = |vlan: &u16| {
            bridges.iter().filter_map(|b| self.vlans.get(b)).any(|vlans| vlans.is_taken(*vlan))
        };
        match (first..=last).find(|vlan| !taken(vlan)) {
            Some(vlan) => Ok(Some(vlan)),
            None => {
                let reason = format!("all VLANs from {first} to {last} are taken");
                Err(Error::NoRoom { host, reason })
            }
        }
    }

    fn bridges(&self, hosts: &[HostId]) -> Result<BTreeSet<String>, Error> {
        hosts.iter().map(|&host| Ok(self.host(host)?.bridge.clone())).collect()
    }

    fn bridges_of(&self, hosts: &BTreeSet<HostId>) -> BTreeSet<String> {
        hosts.iter().filter_map(|host| Some(self.hosts.get(host)?.bridge.clone())).collect()
    }
}

impl NetworkWorld {
    pub(crate) fn view(&self) -> Network {
        Network {
            spec: self.spec.clone(),
            vlan: self.vlan,
            hosts: self.hosts.iter().copied().collect(),
        }
    }
}
