//! What we know as what we say: nouns and rows become SOL005 messages here, and only here.

mod ns_descriptor;
mod ns_instance;
mod operation;
mod site;
mod vnf_package;

pub(crate) use ns_descriptor::ns_descriptor;
pub(crate) use ns_instance::{ns_instance, vnf_of_service};
pub(crate) use operation::{ns_lcm_op_occ, ns_lcm_state};
pub(crate) use site::{Used, host, vim};
pub(crate) use vnf_package::vnf_package;
