//! What a service is: TOSCA descriptors (SOL001) and their packages (SOL004, SOL007) as typed values.
//!
//! Read a VNF package with [`read_vnf_package`], a network service archive with [`read_nsd_archive`];
//! both give a [`Reading`]: the value, when there is one, and every [`Finding`] on the way.

pub mod names;
pub mod nsd;
pub mod vnfd;
