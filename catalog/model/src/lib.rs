//! The nouns of Windlass: ids, states with their transitions, capacities. No I/O.
//!
//! **Architecture invariant:** this crate knows no clock but the [`Clock`] it is handed, no socket,
//! no database and no wire format of ETSI. Rows and messages are made from these nouns elsewhere.

pub mod alarm;
pub mod capacity;
pub mod clock;
pub mod host;
pub mod id;
pub mod network;
pub mod ns;
pub mod operation;
pub mod package;
pub mod resource;
pub mod vnf;

pub use capacity::{Capacity, NumaNode};
pub use clock::{Clock, ManualClock, SystemClock};
pub use host::{Accelerator, Host, HostState, Vim, VimKind};
pub use id::{
    AlarmId, GrantId, HostId, ImageDigest, NetworkId, NsInstanceId, NsdInfoId, OperationId,
    SubscriptionId, VimId, VmId, VnfInstanceId, VnfPackageId, VolumeId, seed_ids,
};
pub use network::Ipv4Net;
pub use operation::{CancelMode, Denied, OperationEvent, OperationState};
pub use resource::{Owner, Tag};
