//! The site as the search sees it: hosts in a fixed order, each with its places.

use std::collections::BTreeMap;

use windlass_model::capacity::Capacity;
use windlass_model::host::{Host, HostState, Vim};
use windlass_model::id::{HostId, VimId};

use super::room::{Amount, HostRoom};
use super::{Item, Policy, Refusal, Scope, Site};

/// Every host of the site, by the names of VIM and host.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) plots: Vec<Plot<'a>>,
    several_vims: bool,
    index_of: BTreeMap<HostId, usize>,
}

/// A host with its places.
#[derive(Debug)]
pub(super) struct Plot<'a> {
    pub(super) vim: &'a Vim,
    pub(super) host: &'a Host,
    zone_place: usize,
    vim_place: usize,
}

impl<'a> Ground<'a> {
    pub(super) fn of(site: &'a Site) -> Self {
        let hosts = site.vims.iter().flat_map(|vim| vim.hosts.iter().map(move |host| (vim, host)));
        let mut hosts: Vec<(&Vim, &Host)> = hosts.collect();
        hosts.sort_by_key(|(vim, host)| (&vim.name, vim.id, &host.name, host.id));
        let mut zones: BTreeMap<(VimId, &str), usize> = BTreeMap::new();
        let mut vims: BTreeMap<VimId, usize> = BTreeMap::new();
        let mut plots = Vec::with_capacity(hosts.len());
        for (vim, host) in hosts {
            let (next_zone, next_vim) = (zones.len(), vims.len());
            let zone_place = *zones.entry((vim.id, host.zone.as_str())).or_insert(next_zone);
            let vim_place = *vims.entry(vim.id).or_insert(next_vim);
            plots.push(Plot { vim, host, zone_place, vim_place });
        }
        let index_of =
            plots.iter().enumerate().map(|(index, plot)| (plot.host.id, index)).collect();
        Self { plots, several_vims: site.vims.len() > 1, index_of }
    }

    /// The place of kind `scope` that the host at `index` stands in.
    pub(super) fn place(&self, index: usize, scope: Scope) -> usize {
        match scope {
            Scope::Host => index,
            Scope::Zone => self.plots[index].zone_place,
            Scope::Vim => self.plots[index].vim_place,
        }
    }

    /// Where the host with this id is in [`plots`](Self::plots).
    pub(super) fn index_of(&self, host: HostId) -> Option<usize> {
        self.index_of.get(&host).copied()
    }

    /// What people call the host at `index`.
    pub(super) fn name(&self, index: usize) -> String {
        let Plot { vim, host, .. } = &self.plots[index];
        if self.several_vims { format!("{}/{}", vim.name, host.name) } else { host.name.clone() }
    }

    /// What is left on every host.
    pub(super) fn rooms(&self, site: &Site, policy: Policy) -> Vec<HostRoom> {
        let nothing = Capacity::default();
        let room = |plot: &Plot<'_>| {
            let used = site.used.get(&plot.host.id).unwrap_or(&nothing);
            HostRoom::new(&plot.host.capacity, used, policy)
        };
        self.plots.iter().map(room).collect()
    }

    /// What is left in every place of kind `scope`, on hosts that take anything at all.
    pub(super) fn left_by_place(&self, rooms: &[HostRoom], scope: Scope) -> Vec<Amount> {
        let mut left = vec![Amount::default(); self.plots.len()];
        for (index, _) in self.plots.iter().enumerate().filter(|(_, plot)| plot.is_open()) {
            let place = self.place(index, scope);
            left[place] = left[place].plus(rooms[index].left);
        }
        left
    }
}

impl Plot<'_> {
    fn is_open(&self) -> bool {
        !self.host.drained && self.host.state == HostState::Reachable
    }

    /// Adds why the item may not be here, whatever room there is.
    pub(super) fn refuse(&self, item: &Item, reasons: &mut Vec<Refusal>) {
        let host = self.host;
        if host.drained {
            reasons.push(Refusal::Drained);
        }
        if host.state == HostState::Unreachable {
            reasons.push(Refusal::Unreachable(host.problem.clone()));
        }
        if item.allowed_vims.as_ref().is_some_and(|vims| !vims.contains(&self.vim.id)) {
            reasons.push(Refusal::VimNotAllowed);
        }
        if item.allowed_zones.as_ref().is_some_and(|zones| !zones.contains(&host.zone)) {
            reasons.push(Refusal::ZoneNotAllowed(host.zone.clone()));
        }
        if item.allowed_hosts.as_ref().is_some_and(|hosts| !hosts.contains(&host.id)) {
            reasons.push(Refusal::HostNotAllowed);
        }
        if item.forbidden_hosts.contains(&host.id) {
            reasons.push(Refusal::Forbidden);
        }
    }
}
