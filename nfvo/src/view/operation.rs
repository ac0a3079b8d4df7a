//! Operation occurrences of network services.

use windlass_api::api::Api;
use windlass_api::common::{CancelModeType, Link};
use windlass_api::nslcm::{
    NsLcmOpOcc, NsLcmOpOccLinks, NsLcmOperationState, NsLcmOperationType, NsResourceChanges,
};
use windlass_lcm::Operation;
use windlass_model::{CancelMode, OperationState};
use windlass_server::progress::problem;

use crate::operations::Kind;

/// An operation occurrence as clients see it, with what it has touched.
pub(crate) fn ns_lcm_op_occ(operation: &Operation, changes: NsResourceChanges) -> NsLcmOpOcc {
    NsLcmOpOcc {
        id: operation.id.to_string(),
        operation_state: ns_lcm_state(operation.state),
        state_entered_time: Some(operation.state_since),
        ns_instance_id: operation.subject.id.to_string(),
        lcm_operation_type: Kind::of(operation).map_or(NsLcmOperationType::Update, Kind::on_wire),
        start_time: operation.started_at,
        is_automatic_invocation: operation.automatic,
        operation_params: Some(operation.params.clone()).filter(|params| !params.is_null()),
        is_cancel_pending: operation.cancel.is_some(),
        cancel_mode: operation.cancel.map(|mode| match mode {
            CancelMode::Graceful => CancelModeType::Graceful,
            CancelMode::Forceful => CancelModeType::Forceful,
        }),
        error: operation.error.as_ref().map(problem),
        resource_changes: (changes != NsResourceChanges::default()).then_some(changes),
        warnings: Vec::new(),
        links: links(operation),
    }
}

/// A state as clients see it.
pub(crate) fn ns_lcm_state(state: OperationState) -> NsLcmOperationState {
    match state {
        // SOL005 has no STARTING: while a service's operation is planned, it is at work.
        OperationState::Starting | OperationState::Processing => NsLcmOperationState::Processing,
        OperationState::Completed => NsLcmOperationState::Completed,
        OperationState::FailedTemp => NsLcmOperationState::FailedTemp,
        OperationState::Failed => NsLcmOperationState::Failed,
        OperationState::RollingBack => NsLcmOperationState::RollingBack,
        OperationState::RolledBack => NsLcmOperationState::RolledBack,
    }
}

fn links(operation: &Operation) -> NsLcmOpOccLinks {
    let root = Api::NsLcm.root();
    let this = format!("{root}/ns_lcm_op_occs/{}", operation.id);
    let task = |name: &str, possible: bool| possible.then(|| Link::to(format!("{this}/{name}")));
    let waits = operation.state == OperationState::FailedTemp;
    let rolls_back = Kind::of(operation).is_some_and(Kind::may_roll_back);
    NsLcmOpOccLinks {
        cancel: task("cancel", operation.state.is_active()),
        retry: task("retry", waits),
        rollback: task("rollback", waits && rolls_back),
        go_on: task("continue", waits),
        fail: task("fail", waits),
        ns_instance: Link::to(format!("{root}/ns_instances/{}", operation.subject.id)),
        this: Link::to(this),
    }
}
