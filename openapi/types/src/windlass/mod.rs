//! What ETSI does not define, `/windlass/v1`: the same conventions, our own nouns.

mod allocation;
mod audit;
mod guest;
mod operations;
mod sites;
mod subscriptions;

pub use allocation::VnfAllocation;
pub use audit::{AuditReport, MissingResource, OrphanResource};
pub use guest::{ConsoleTail, GuestExecRequest, GuestExecResponse, GuestStats};
pub use operations::{OperationProgress, OperationStep, StepState};
pub use sites::{
    Accelerator, Capacity, Host, HostModifications, HostState, HugepageCapacity, NumaNodeCapacity,
    RegisterHostRequest, RegisterVimRequest, Vim, VimState,
};
pub use subscriptions::{DeliveryState, SubscriptionDelivery, SubscriptionDeliveryLinks};
