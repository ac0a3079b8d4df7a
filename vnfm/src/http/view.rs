//! VNF instances, operations and alarms as clients see them.

mod alarm;
mod instance;
mod operation;

pub use alarm::alarm;
pub use instance::instance;
pub use operation::operation;

use windlass_api::api::Api;
use windlass_model::{OperationId, VnfInstanceId};

/// Where a VNF instance is.
pub fn instance_path(vnf: VnfInstanceId) -> String {
    format!("{}/vnf_instances/{vnf}", Api::VnfLcm.root())
}

/// Where an operation occurrence is.
pub fn operation_path(operation: OperationId) -> String {
    format!("{}/vnf_lcm_op_occs/{operation}", Api::VnfLcm.root())
}
