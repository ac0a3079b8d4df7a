//! What an engine tells whoever watches it: counters, durations and spans.

use std::time::Duration;

use metrics::{counter, gauge, histogram};
use tracing::{Span, info_span};
use windlass_model::OperationState;

use crate::operation::Operation;
use crate::plan::Node;

/// An operation that somebody here works on; it is counted as long as this lives.
#[derive(Debug)]
pub(crate) struct InFlight {
    kind: String,
}

impl InFlight {
    /// Counts a claim, and the operation as being worked on.
    pub fn claimed(operation: &Operation) -> Self {
        let kind = operation.kind.clone();
        counter!("windlass_lease_claims_total", "kind" => kind.clone()).increment(1);
        gauge!("windlass_operations_in_flight", "kind" => kind.clone()).increment(1);
        Self { kind }
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        gauge!("windlass_operations_in_flight", "kind" => self.kind.clone()).decrement(1);
    }
}

/// An operation came to rest after this much work on it.
pub(crate) fn rested(kind: &str, state: OperationState, worked: Duration) {
    histogram!("windlass_operation_duration_seconds", "kind" => kind.to_owned()).record(worked);
    ended(kind, state);
}

/// An operation came to rest.
pub(crate) fn ended(kind: &str, state: OperationState) {
    let labels = [("kind", kind.to_owned()), ("state", state.to_string())];
    counter!("windlass_operations_total", &labels).increment(1);
}

/// Somebody else took a lease, or it ended before it could be renewed.
pub(crate) fn lease_lost() {
    counter!("windlass_leases_lost_total").increment(1);
}

/// A step or its undo ended, after all its attempts.
pub(crate) fn step_ended(step: &str, is_undo: bool, succeeded: bool, took: Duration) {
    let labels = [
        ("step", step.to_owned()),
        ("direction", if is_undo { "undo" } else { "run" }.to_owned()),
        ("outcome", if succeeded { "ok" } else { "error" }.to_owned()),
    ];
    histogram!("windlass_step_duration_seconds", &labels).record(took);
}

/// The span of an operation, within that of the request it came from.
pub(crate) fn operation_span(operation: &Operation, origin: Option<&Span>) -> Span {
    info_span!(
        parent: origin.and_then(Span::id),
        "operation",
        otel.name = operation.kind,
        operation = %operation.id,
        kind = operation.kind,
        subject = %operation.subject.id,
    )
}

/// The span of a step, within that of its operation.
pub(crate) fn step_span(node: &Node, is_undo: bool) -> Span {
    let direction = if is_undo { "undo" } else { "run" };
    info_span!(
        "step",
        otel.name = node.step,
        step = node.step,
        node = node.id,
        about = node.about,
        direction,
    )
}
