//! VIMs and their hosts.

use serde::{Deserialize, Serialize};

use crate::capacity::Capacity;
use crate::id::{HostId, VimId};

/// The kinds of infrastructure that an adapter exists for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VimKind {
    /// Plain libvirt hosts.
    #[serde(rename = "WINDLASS.LIBVIRT.V_1")]
    Libvirt,
    /// The simulator: a cloud in memory.
    #[serde(rename = "WINDLASS.SIM.V_1")]
    Sim,
}

impl VimKind {
    /// The `vimType` on the wire (SOL003 clause 4.4.1.6).
    #[must_use]
    pub fn vim_type(self) -> &'static str {
        match self {
            Self::Libvirt => "WINDLASS.LIBVIRT.V_1",
            Self::Sim => "WINDLASS.SIM.V_1",
        }
    }

    /// The kind that a `vimType` names.
    #[must_use]
    pub fn from_vim_type(text: &str) -> Option<Self> {
        [Self::Libvirt, Self::Sim].into_iter().find(|kind| kind.vim_type() == text)
    }
}

/// What runs a guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Accelerator {
    /// Hardware virtualisation; a probe guest has booted with it.
    Kvm,
    /// Emulation.
    Tcg,
}

/// Whether a host can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HostState {
    /// It answers.
    Reachable,
    /// It did not answer the last time.
    Unreachable,
}

/// A registered VIM: one site with its hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vim {
    /// Its id; the `vimId` of grants.
    pub id: VimId,
    /// A name for people, unique here.
    pub name: String,
    /// Which adapter talks to it.
    pub kind: VimKind,
    /// Its hosts.
    pub hosts: Vec<Host>,
}

/// A host of a VIM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its id.
    pub id: HostId,
    /// A name for people, unique in its VIM.
    pub name: String,
    /// The resource zone that it stands in (`zoneId` of grants).
    pub zone: String,
    /// How the adapter reaches it: a libvirt URI, or `sim:` and a name.
    pub uri: String,
    /// The bridge that joins the hosts of the VIM.
    pub bridge: String,
    /// The VLAN ids, first and last, that separate virtual links on the bridge; `None` where the
    /// bridge cannot and all links share one segment.
    pub vlans: Option<(u16, u16)>,
    /// True while the operator wants nothing new here.
    pub drained: bool,
    /// Whether it answered last.
    pub state: HostState,
    /// Why it did not, when it did not.
    pub problem: Option<String>,
    /// What it has.
    pub capacity: Capacity,
    /// What runs its guests.
    pub accelerator: Accelerator,
}
