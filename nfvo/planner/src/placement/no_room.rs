//! Why an item found no host, in words that a person can act on.

use std::collections::BTreeMap;
use std::fmt;

use windlass_model::id::VimId;

use super::{RuleKind, Scope};

/// How many hosts or items a line of the explanation names before it only counts them.
const NAMED_MAX: usize = 6;

/// The ask does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct NoRoom {
    /// How far the search came: one dead end, or one for each VIM when the items must share one.
    pub dead_ends: Vec<DeadEnd>,
}

/// The point of the search that came furthest: an item that no host would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadEnd {
    /// The item.
    pub item: String,
    /// The only VIM that was looked at, with its name, when the items must share one.
    pub vim: Option<(VimId, String)>,
    /// The items that had a host by then, with the host's name.
    pub placed: BTreeMap<String, String>,
    /// Every host, with why it did not take the item; hosts with the same reasons are together.
    pub refused: Vec<RefusedHosts>,
    /// False when the search reached its bound, so that a plan may exist after all.
    pub searched_all: bool,
}

/// Hosts that refused an item for the same reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedHosts {
    /// Their names; `vim/host` where the site has several VIMs.
    pub hosts: Vec<String>,
    /// Why; never empty.
    pub reasons: Vec<Refusal>,
}

/// One reason why a host does not take an item.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum Refusal {
    /// The operator wants nothing new there.
    #[error("drained")]
    Drained,
    /// It did not answer the last time.
    #[error("unreachable{}", because(.0))]
    Unreachable(Option<String>),
    /// The item may only be in other VIMs.
    #[error("not in an allowed VIM")]
    VimNotAllowed,
    /// The item may only be in other zones.
    #[error("zone {0} is not allowed")]
    ZoneNotAllowed(String),
    /// The item may only be on other hosts.
    #[error("not an allowed host")]
    HostNotAllowed,
    /// The item must not be there.
    #[error("forbidden")]
    Forbidden,
    /// Too few CPUs are free.
    #[error("{} short ({wanted} wanted, {free} free)", cpus(wanted - free))]
    Vcpus {
        /// What the item wants.
        wanted: u64,
        /// What is left.
        free: u64,
    },
    /// Too little memory is free.
    #[error("{} MiB of memory short ({wanted} wanted, {free} free)", wanted - free)]
    Memory {
        /// What the item wants in MiB.
        wanted: u64,
        /// What is left in MiB.
        free: u64,
    },
    /// Too little storage is free.
    #[error("{} GiB of storage short ({wanted} wanted, {free} free)", wanted - free)]
    Storage {
        /// What the item wants in GiB.
        wanted: u64,
        /// What is left in GiB.
        free: u64,
    },
    /// The item wants a NUMA node and the host tells of none.
    #[error("tells of no NUMA nodes")]
    NoNumaNodes,
    /// No node has the huge pages.
    #[error("no NUMA node has {wanted} huge pages of {size_kib} KiB free (the most are {free})")]
    HugePages {
        /// Page size in KiB.
        size_kib: u64,
        /// Pages that the item wants.
        wanted: u64,
        /// Pages that are left on the node that has the most.
        free: u64,
    },
    /// The host would do, but no single node of it.
    #[error("no single NUMA node has {} and {memory_mib} MiB{} free", cpus(*.vcpus), in_pages(*.hugepage_kib))]
    NumaNode {
        /// CPUs that the item wants.
        vcpus: u64,
        /// Memory that the item wants in MiB.
        memory_mib: u64,
        /// The page size in KiB, when the memory must be of huge pages.
        hugepage_kib: Option<u64>,
    },
    /// The place cannot take all that must stand together.
    #[error("{} for all that must stand together: {}", no_room_in(*.scope), listed(members))]
    Group {
        /// Together in what.
        scope: Scope,
        /// Those that are still to be placed.
        members: Vec<String>,
    },
    /// A strict rule speaks against it.
    #[error("{} with {member}{}", rule_name(*.kind), in_place(*.scope))]
    Rule {
        /// Together or apart.
        kind: RuleKind,
        /// In what.
        scope: Scope,
        /// The member of the rule that stands elsewhere, or in the way.
        member: String,
    },
}

fn because(problem: &Option<String>) -> String {
    problem.as_ref().map(|problem| format!(" ({problem})")).unwrap_or_default()
}

fn cpus(count: u64) -> String {
    format!("{count} vCPU{}", if count == 1 { "" } else { "s" })
}

fn rule_name(kind: RuleKind) -> &'static str {
    match kind {
        RuleKind::Affinity => "affinity",
        RuleKind::AntiAffinity => "anti-affinity",
    }
}

fn in_pages(hugepage_kib: Option<u64>) -> String {
    hugepage_kib.map(|size_kib| format!(" in pages of {size_kib} KiB")).unwrap_or_default()
}

fn no_room_in(scope: Scope) -> &'static str {
    match scope {
        Scope::Host => "no room",
        Scope::Zone => "no room in its zone",
        Scope::Vim => "no room in its VIM",
    }
}

fn in_place(scope: Scope) -> &'static str {
    match scope {
        Scope::Host => "",
        Scope::Zone => " by zone",
        Scope::Vim => " by VIM",
    }
}

impl fmt::Display for NoRoom {
    /// The whole explanation, several lines; the first one says it in short.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, dead_end) in self.dead_ends.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            dead_end.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for DeadEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no host has room for {}", self.item)?;
        if let Some((_, name)) = &self.vim {
            write!(f, " in VIM {name}")?;
        }
        if !self.placed.is_empty() {
            let placed: Vec<String> =
                self.placed.iter().map(|(item, host)| format!("{item} on {host}")).collect();
            write!(f, ", with {}", listed(&placed))?;
        }
        if self.refused.is_empty() {
            f.write_str("\n  there is no host at all")?;
        }
        for refused in &self.refused {
            write!(f, "\n  {refused}")?;
        }
        if !self.searched_all {
            f.write_str("\n  (the search reached its bound; a plan may exist)")?;
        }
        Ok(())
    }
}

impl fmt::Display for RefusedHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reasons: Vec<String> = self.reasons.iter().map(Refusal::to_string).collect();
        write!(f, "{}: {}", listed(&self.hosts), reasons.join("; "))
    }
}

/// The first names, and how many more there are.
fn listed(names: &[String]) -> String {
    let named = names.len().min(NAMED_MAX);
    let text = names[..named].join(", ");
    match names.len() - named {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}
