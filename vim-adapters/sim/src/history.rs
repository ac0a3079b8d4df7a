//! What was called.

use std::collections::VecDeque;

use tokio::time::Instant;
use windlass_model::{HostId, ImageDigest, NetworkId, VmId, VolumeId};

use crate::call::Call;

/// How many calls are remembered; older ones are forgotten.
const REMEMBERED: usize = 200_000;

/// A call that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its kind.
    pub call: Call,
    /// The host that it was for; the first of several; `None` for a call on all hosts.
    pub host: Option<HostId>,
    /// What it was about.
    pub subject: Subject,
    /// When it came in.
    pub at: Instant,
}

/// What a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Nothing in particular: a probe, an audit.
    Site,
    /// An image.
    Image(ImageDigest),
    /// A network.
    Network(NetworkId),
    /// A volume.
    Volume(VolumeId),
    /// A machine.
    Vm(VmId),
}

#[derive(Debug, Default)]
pub(crate) struct History(VecDeque<Entry>);

impl History {
    pub(crate) fn add(&mut self, entry: Entry) {
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(entry);
    }

    pub(crate) fn entries(&self) -> Vec<Entry> {
        self.0.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
