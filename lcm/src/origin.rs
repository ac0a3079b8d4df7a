//! Where operations came from: the spans that theirs are part of.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tracing::Span;
use windlass_model::OperationId;

/// How many origins are kept. Those of operations that another process claims are never asked for.
const KEPT: usize = 4096;

/// The spans of requests whose operations wait to be claimed.
///
/// They are kept in memory alone: an operation that is claimed by another process, or after a crash,
/// begins a trace of its own.
#[derive(Debug, Default)]
pub(crate) struct Origins(Mutex<BTreeMap<OperationId, Span>>);

impl Origins {
    /// The operation comes from the present span.
    pub fn remember(&self, id: OperationId) {
        let span = Span::current();
        if span.is_none() {
            return;
        }
        let mut spans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spans.insert(id, span);
        if spans.len() > KEPT {
            // Ids are ordered by time: the first is the one that has waited longest.
            spans.pop_first();
        }
    }

    /// Where the operation came from, when that is known. It is told once.
    pub fn take(&self, id: OperationId) -> Option<Span> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}
