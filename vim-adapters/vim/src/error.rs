//! What can go wrong with an infrastructure, in terms that an operator can act on.

use std::time::Duration;

use windlass_model::{HostId, VmId};

/// The result of a call to a VIM.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call to a VIM failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The host is not one of this VIM's.
    #[error("this VIM has no host {0}")]
    UnknownHost(HostId),
    /// The host does not answer. Trying again later may help.
    #[error("host {host} does not answer: {reason}")]
    Unreachable {
        /// Which host.
        host: HostId,
        /// What the connection said.
        reason: String,
    },
    /// Something that must be there is not: a network, volume, image or machine.
    #[error("{what} is not on host {host}")]
    Missing {
        /// Where it was looked for.
        host: HostId,
        /// What was looked for.
        what: String,
    },
    /// A name or an id is taken by something that Windlass did not make.
    #[error("{what} on host {host} exists and is not ours: it is left alone; rename or remove it")]
    NotOurs {
        /// Where.
        host: HostId,
        /// What.
        what: String,
    },
    /// The host has no room: memory, disk, huge pages, segments.
    #[error("host {host} has no room: {reason}")]
    NoRoom {
        /// Which host.
        host: HostId,
        /// What ran out.
        reason: String,
    },
    /// An image's content is not what its digest says.
    #[error("the image should have SHA-256 {expected} but its content has {found}")]
    ImageCorrupt {
        /// The digest that was asked for.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// The image could not be read from where it is kept.
    #[error("the image could not be read")]
    ImageSource(#[source] std::io::Error),
    /// The guest did not become ready in time.
    #[error("machine {vm} was not ready after {limit:?}; its console ends with:\n{console}")]
    NotReady {
        /// Which machine.
        vm: VmId,
        /// How long it had.
        limit: Duration,
        /// The tail of its console.
        console: String,
    },
    /// The machine stopped while it was waited for.
    #[error("machine {vm} stopped before it was ready; its console ends with:\n{console}")]
    Crashed {
        /// Which machine.
        vm: VmId,
        /// The tail of its console.
        console: String,
    },
    /// The guest's agent does not answer.
    #[error("the agent in machine {vm} does not answer: {reason}")]
    NoAgent {
        /// Which machine.
        vm: VmId,
        /// What was said instead.
        reason: String,
    },
    /// The infrastructure refused for a reason of its own.
    #[error("host {host} could not {action}: {reason}")]
    Refused {
        /// Which host.
        host: HostId,
        /// What was asked, as a verb phrase.
        action: String,
        /// What the infrastructure said.
        reason: String,
    },
}

impl Error {
    /// True when the same call may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            // What is not there now is not there a second later.
            Self::ImageSource(error) => error.kind() != std::io::ErrorKind::NotFound,
            Self::UnknownHost(_)
            | Self::Missing { .. }
            | Self::NotOurs { .. }
            | Self::NoRoom { .. }
            | Self::ImageCorrupt { .. }
            | Self::NotReady { .. }
            | Self::Crashed { .. }
            | Self::NoAgent { .. }
            | Self::Refused { .. } => false,
        }
    }
}
