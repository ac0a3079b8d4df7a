//! The steps of an operation, as progress bars are drawn from.

use windlass_api::common::ProblemDetails;
use windlass_api::windlass::{OperationProgress, OperationStep, StepState};
use windlass_lcm::{Node, NodeState, NodeStatus, Operation, Progress, StepError};

/// Every node of the plan with where it stands.
pub(crate) fn operation_progress(operation: &Operation, progress: &Progress) -> OperationProgress {
    let nodes = operation.plan.as_ref().map_or(&[][..], |plan| &plan.nodes);
    let steps: Vec<OperationStep> =
        nodes.iter().enumerate().map(|(at, node)| step(node, progress.at(at))).collect();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    OperationProgress {
        operation_id: operation.id.to_string(),
        state: operation.state.to_string(),
        done: count(progress.done()),
        total: count(steps.len()),
        steps,
    }
}

fn step(node: &Node, status: &NodeStatus) -> OperationStep {
    OperationStep {
        id: node.id.clone(),
        name: node.step.clone(),
        subject: node.about.clone(),
        state: match status.state {
            NodeState::Pending => StepState::Pending,
            NodeState::Running => StepState::Running,
            NodeState::Done => StepState::Done,
            NodeState::Failed | NodeState::UndoFailed => StepState::Failed,
            NodeState::Undoing => StepState::Undoing,
            NodeState::Undone => StepState::Undone,
        },
        started_at: status.started_at,
        ended_at: status.ended_at,
        attempt: status.attempts,
        error: status.error.as_ref().map(problem),
    }
}

/// Why a step failed, as clients read it.
pub(super) fn problem(error: &StepError) -> ProblemDetails {
    ProblemDetails::new(error.status, error.detail.clone())
}
