//! Which host each item runs on.
//!
//! An [`Ask`] names the items and the rules between them, a [`Site`] is what there is. [`place`]
//! answers with a spot for every item, or with a [`NoRoom`] that tells a person, host by host, why
//! not and so what to change.

mod bond;
mod ground;
mod no_room;
mod room;
mod search;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use windlass_model::capacity::Capacity;
use windlass_model::host::Vim;
use windlass_model::id::{HostId, VimId};

pub use no_room::{DeadEnd, NoRoom, Refusal, RefusedHosts};
pub use room::{total_usage, usage};

use ground::Ground;
use search::Search;

/// What is to be placed, all of it or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The items by their id.
    pub items: BTreeMap<String, Item>,
    /// What must hold between them, and between them and what stands already.
    pub rules: Vec<Rule>,
    /// True when all items must end up in one VIM.
    pub same_vim: bool,
}

/// One thing that needs a host: a VNFC with its volumes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What it takes; the NUMA nodes in it mean nothing here.
    pub takes: Capacity,
    /// The page size in KiB when its memory must be of huge pages. Pages can only be promised on
    /// a node, so such an item is bound to one NUMA node even when `numa` is false.
    pub hugepage_kib: Option<u64>,
    /// True when its CPUs and memory must come from one NUMA node.
    pub numa: bool,
    /// The only VIMs it may be in; `None` for any.
    pub allowed_vims: Option<BTreeSet<VimId>>,
    /// The only zones it may be in, by name; `None` for any.
    pub allowed_zones: Option<BTreeSet<String>>,
    /// The only hosts it may be on; `None` for any.
    pub allowed_hosts: Option<BTreeSet<HostId>>,
    /// Hosts it must not be on, such as the one that it is to leave.
    pub forbidden_hosts: BTreeSet<HostId>,
}

/// Items that belong together or apart: every member with every other. Two groups of which only
/// members of different groups are to be kept apart are a rule for each such pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// Together or apart.
    pub kind: RuleKind,
    /// In what.
    pub scope: Scope,
    /// Ids of asked items and of items in [`Site::standing`]. An id that is neither is of a thing
    /// that does not run, and binds nobody.
    pub members: BTreeSet<String>,
    /// True when no plan is better than one that breaks the rule; else the rule is a wish, which
    /// counts more than balance but never costs an item its place.
    pub strict: bool,
}

/// Together or apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RuleKind {
    /// All members in the same place.
    Affinity,
    /// Every member in a place of its own.
    AntiAffinity,
}

/// The kind of place that a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// A host.
    #[serde(rename = "NFVI_NODE")]
    Host,
    /// A resource zone of a VIM. Zones of the same name in two VIMs are two zones.
    #[serde(rename = "ZONE", alias = "ZONE_GROUP")]
    Zone,
    /// A VIM.
    #[serde(rename = "NFVI_POP")]
    Vim,
}

/// What there is: VIMs with their hosts, and what runs on them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// The VIMs.
    pub vims: Vec<Vim>,
    /// What is used on each host, to be taken off its capacity; the NUMA nodes in it tell the part
    /// that is bound to them. A host that is missing is empty. [`usage`] and [`total_usage`] add it up; [`Capacity::plus`] would
    /// forget the nodes.
    pub used: BTreeMap<HostId, Capacity>,
    /// Where the things stand that rules may name. An id that is also asked for is about to move:
    /// its old place binds nobody.
    pub standing: BTreeMap<String, HostId>,
}

/// How full a host may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Virtual CPUs per hundred CPUs of a host or NUMA node: 100 shares none, 400 makes four of one.
    pub vcpu_overcommit_percent: u32,
    /// Memory in MiB that every host keeps for itself.
    pub memory_reserve_mib: u64,
}

impl Default for Policy {
    /// No CPU is shared and no memory is kept back.
    fn default() -> Self {
        Self { vcpu_overcommit_percent: 100, memory_reserve_mib: 0 }
    }
}

/// Where one item goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    /// The VIM.
    pub vim: VimId,
    /// The host.
    pub host: HostId,
    /// The host's zone.
    pub zone: String,
    /// The NUMA node that the item is bound to, when it is.
    pub numa_node: Option<u32>,
}

/// Where every item of an ask goes.
pub type Placement = BTreeMap<String, Spot>;

/// Finds a spot for every item of `ask` on `site`.
///
/// The answer depends on the arguments only, and not on the order in which VIMs and hosts are
/// listed. Hosts are filled evenly: of those that may take an item, the one that is least full
/// afterwards does. A small ask (five items, four hosts with two NUMA nodes each) that has a
/// placement always gets one; on large ones the search is bounded, and [`DeadEnd::searched_all`]
/// tells whether it came to its end.
///
/// # Errors
/// [`NoRoom`] when there is none, or none was found within the bound of the search.
pub fn place(ask: &Ask, site: &Site, policy: Policy) -> Result<Placement, NoRoom> {
    let ground = Ground::of(site);
    let everywhere: Vec<usize> = (0..ground.plots.len()).collect();
    let search = |field| Search::new(ask, site, policy, &ground, field).run();
    if !ask.same_vim || site.vims.len() < 2 {
        return search(everywhere).map_err(|dead_end| NoRoom { dead_ends: vec![dead_end] });
    }
    let mut dead_ends = Vec::new();
    for vim in roomiest_first(site) {
        let hosts = everywhere.iter().copied();
        match search(hosts.filter(|index| ground.plots[*index].vim.id == vim.id).collect()) {
            Ok(placement) => return Ok(placement),
            Err(dead_end) => {
                dead_ends.push(DeadEnd { vim: Some((vim.id, vim.name.clone())), ..dead_end });
            }
        }
    }
    Err(NoRoom { dead_ends })
}

/// The VIMs in the order in which a whole ask is tried on them: most free CPUs first.
fn roomiest_first(site: &Site) -> Vec<&Vim> {
    let free_vcpus = |vim: &Vim| -> u64 {
        let free = vim.hosts.iter().map(|host| {
            let used = site.used.get(&host.id).map_or(0, |used| used.vcpus);
            u64::from(host.capacity.vcpus.saturating_sub(used))
        });
        free.sum()
    };
    let mut vims: Vec<&Vim> = site.vims.iter().collect();
    vims.sort_by_key(|vim| (Reverse(free_vcpus(vim)), &vim.name, vim.id));
    vims
}
