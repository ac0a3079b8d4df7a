//! What an operation of a VNF remembers beside its nodes, and the VNF that follows from its log.

use serde::{Deserialize, Serialize};
use windlass_lcm::{Operation, Progress, StepError};
use windlass_model::vnf::{InstantiatedVnf, VnfInstance, Vnfc};
use windlass_model::{Vim, VimId};

/// What an operation remembers beside its nodes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// The grant, where one was asked for.
    pub grant: Option<String>,
    /// The VIMs that its nodes name.
    pub vims: Vec<Vim>,
    /// The VNF as it will be when all is done; `None` when it will be NOT_INSTANTIATED.
    pub target: Option<InstantiatedVnf>,
}

impl Notes {
    /// Reads the notes of an operation's plan.
    ///
    /// # Errors
    /// A lasting error when the plan holds something else.
    pub fn of(operation: &Operation) -> Result<Self, StepError> {
        let Some(plan) = &operation.plan else { return Ok(Self::default()) };
        Self::deserialize(&plan.notes).map_err(|error| {
            StepError::lasting(500, format!("the plan's notes cannot be read: {error}"))
        })
    }

    /// The VIM of this id.
    ///
    /// # Errors
    /// A lasting error when no grant named it.
    pub fn vim(&self, id: VimId) -> Result<&Vim, StepError> {
        let unknown = || StepError::lasting(500, format!("no grant named the VIM {id}"));
        self.vims.iter().find(|vim| vim.id == id).ok_or_else(unknown)
    }
}

/// The VNF as it is after what the log says has been done.
///
/// A component is there when its machine, or a volume of it, may exist; it is gone once both are
/// removed. Where every node is done this is the target itself.
#[must_use]
pub fn reflect(
    before: &VnfInstance,
    notes: &Notes,
    progress: &Progress,
    done: bool,
) -> VnfInstance {
    let instantiated = if done {
        notes.target.clone()
    } else {
        halfway(before.instantiated.as_ref(), notes, progress)
    };
    VnfInstance { instantiated, ..before.clone() }
}

fn halfway(
    before: Option<&InstantiatedVnf>,
    notes: &Notes,
    progress: &Progress,
) -> Option<InstantiatedVnf> {
    let nothing = InstantiatedVnf::default();
    let old = before.unwrap_or(&nothing);
    let new = notes.target.as_ref().unwrap_or(&nothing);

    let made = |vnfc: &&Vnfc| {
        !old.vnfcs.contains(vnfc) && (is_made(progress, vnfc) || has_volumes(progress, vnfc))
    };
    let mut vnfcs: Vec<Vnfc> = new.vnfcs.iter().filter(made).cloned().collect();
    let kept = |vnfc: &&Vnfc| {
        !vnfcs.iter().any(|other| other.name == vnfc.name) && !is_gone(progress, vnfc)
    };
    let mut all: Vec<Vnfc> = old.vnfcs.iter().filter(kept).cloned().collect();
    all.append(&mut vnfcs);

    let network_node = |step: &str, link: &str| format!("{step}/{link}");
    let mut networks: Vec<_> = old
        .networks
        .iter()
        .filter(|n| !progress.is_done(&network_node("delete_network", &n.virtual_link)))
        .cloned()
        .collect();
    let new_network = |n: &&windlass_model::vnf::VnfNetwork| {
        !old.networks.contains(n)
            && progress.may_have_effect(&network_node("ensure_network", &n.virtual_link))
    };
    networks.extend(new.networks.iter().filter(new_network).cloned());

    if before.is_none() && all.is_empty() && networks.is_empty() {
        return None;
    }
    let shape = before.or(notes.target.as_ref())?;
    Some(InstantiatedVnf { vnfcs: all, networks, vims: notes.vims.clone(), ..shape.clone() })
}

fn is_made(progress: &Progress, vnfc: &Vnfc) -> bool {
    progress.may_have_effect(&format!("define_vm/{}", vnfc.name))
}

fn is_gone(progress: &Progress, vnfc: &Vnfc) -> bool {
    let removed =
        |storage: &str| progress.is_done(&format!("delete_volume/{}/{storage}", vnfc.name));
    progress.is_done(&format!("delete_vm/{}", vnfc.name))
        && vnfc.volumes.iter().all(|volume| removed(&volume.storage))
}

fn has_volumes(progress: &Progress, vnfc: &Vnfc) -> bool {
    vnfc.volumes.iter().any(|volume| {
        progress.may_have_effect(&format!("ensure_volume/{}/{}", vnfc.name, volume.storage))
    })
}
