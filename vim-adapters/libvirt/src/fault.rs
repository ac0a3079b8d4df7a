//! What can go wrong inside one call to libvirt, before the host and the action are known.

use virt::error::ErrorNumber;
use windlass_model::HostId;
use windlass_vim::Error;

/// The result of blocking work on a connection.
pub(crate) type Outcome<T> = Result<T, Fault>;

/// Why blocking work on a connection failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// Libvirt said so.
    Libvirt(virt::error::Error),
    /// Something that must be there is not.
    Missing(String),
    /// Something is there that Windlass did not make.
    NotOurs(String),
    /// It cannot be done, for a reason of ours.
    Refused(String),
    /// An error that is complete already.
    Vim(Error),
}

impl From<virt::error::Error> for Fault {
    fn from(error: virt::error::Error) -> Self {
        Self::Libvirt(error)
    }
}

impl Fault {
    /// The error that callers see; `alive` tells whether the connection survived.
    pub(crate) fn into_error(self, host: HostId, action: &str, alive: bool) -> Error {
        match self {
            Self::Libvirt(error) => from_libvirt(&error, host, action, alive),
            Self::Missing(what) => Error::Missing { host, what },
            Self::NotOurs(what) => Error::NotOurs { host, what },
            Self::Refused(reason) => Error::Refused { host, action: action.to_owned(), reason },
            Self::Vim(error) => error,
        }
    }
}

fn from_libvirt(error: &virt::error::Error, host: HostId, action: &str, alive: bool) -> Error {
    let reason = error.message().to_owned();
    if !alive || matches!(error.code(), ErrorNumber::NoConnect | ErrorNumber::InvalidConn) {
        return Error::Unreachable { host, reason };
    }
    if is_no_room(error.code(), &reason) {
        return Error::NoRoom { host, reason };
    }
    Error::Refused { host, action: action.to_owned(), reason }
}

/// Libvirt has no error number for a full disk or for missing huge pages: the kernel's words are
/// all there is.
fn is_no_room(code: ErrorNumber, reason: &str) -> bool {
    const SIGNS: [&str; 4] = [
        "No space left on device",
        "Cannot allocate memory",
        "cannot set up guest memory",
        "unable to map backing store",
    ];
    code == ErrorNumber::NoMemory || SIGNS.iter().any(|sign| reason.contains(sign))
}
