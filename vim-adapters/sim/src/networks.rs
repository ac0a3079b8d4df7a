//! Networks and their VLANs.

use std::collections::BTreeSet;

use windlass_model::{HostId, NetworkId};
use windlass_vim::{Error, Network, NetworkSpec};

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
        if let Some(vlan) = vlan {
            for bridge in bridges {
                self.vlans.entry(bridge).or_default().take(vlan);
            }
        }
        let network = self.networks.entry(spec.id).or_insert_with(|| NetworkWorld {
            spec: spec.clone(),
            vlan,
            hosts: BTreeSet::new(),
        });
        network.hosts.extend(hosts);
        Ok(network.view())
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
        let hosts: Vec<HostId> = gone.hosts.iter().copied().collect();
        let vlan = gone.vlan;
        for bridge in self.bridges(&hosts)? {
            if let (Some(vlan), Some(vlans)) = (vlan, self.vlans.get_mut(&bridge)) {
                vlans.free(vlan);
            }
        }
        self.networks.remove(&network);
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
