//! What the log of an operation says: where each node stands.
//!
//! ```text
//!  Pending ─Started▶ Running ─Done▶ Done ─UndoStarted▶ Undoing ─Undone▶ Undone ─Started▶ Running
//!                       └─Failed▶ Failed ─UndoStarted▶ Undoing ─UndoFailed▶ UndoFailed ─▶ Undoing
//! ```
//! Recovery is a replay of the log through [`NodeState::after`]. A node that the log leaves in
//! Running is in doubt: it may or may not have happened, so it runs again, or is undone.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::StepError;
use crate::plan::Plan;

/// A line of an operation's log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepEvent {
    /// The node.
    pub node: String,
    /// When.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: StepEventKind,
}

/// What can happen to a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum StepEventKind {
    /// Its step is about to run.
    Started,
    /// Its step came to a good end.
    Done {
        /// What the step returned.
        output: Value,
    },
    /// Its step failed.
    Failed {
        /// Why.
        error: StepError,
    },
    /// Its undo is about to run.
    UndoStarted,
    /// It is undone.
    Undone,
    /// Its undo failed.
    UndoFailed {
        /// Why.
        error: StepError,
    },
}

/// Where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NodeState {
    /// It has not been touched.
    Pending,
    /// It runs, or is in doubt after a crash.
    Running,
    /// It is done.
    Done,
    /// It failed.
    Failed,
    /// It is being undone, or that is in doubt after a crash.
    Undoing,
    /// It is undone.
    Undone,
    /// It could not be undone.
    UndoFailed,
}

impl NodeState {
    /// The state after an event. The log is written by one worker at a time, in order, but a
    /// worker may repeat what a crashed one began, so an event may come in any state; the last
    /// event always says where the node stands.
    #[must_use]
    pub fn after(self, event: &StepEventKind) -> Self {
        match event {
            StepEventKind::Started => Self::Running,
            StepEventKind::Done { .. } => Self::Done,
            StepEventKind::Failed { .. } => Self::Failed,
            StepEventKind::UndoStarted => Self::Undoing,
            StepEventKind::Undone => Self::Undone,
            StepEventKind::UndoFailed { .. } => Self::UndoFailed,
        }
    }

    /// True when going forward must run the node's step.
    #[must_use]
    pub fn wants_run(self) -> bool {
        self != Self::Done
    }

    /// True when going back must run the node's undo.
    #[must_use]
    pub fn wants_undo(self) -> bool {
        !matches!(self, Self::Pending | Self::Undone)
    }
}

/// A node with what the log says about it.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeStatus {
    /// Where it stands.
    pub state: NodeState,
    /// What its step returned last.
    pub output: Option<Value>,
    /// Why it failed last.
    pub error: Option<StepError>,
    /// How often its step was started.
    pub attempts: u32,
    /// When it was started last.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended last.
    pub ended_at: Option<DateTime<Utc>>,
}

impl NodeStatus {
    const PENDING: Self = Self {
        state: NodeState::Pending,
        output: None,
        error: None,
        attempts: 0,
        started_at: None,
        ended_at: None,
    };

    fn apply(&mut self, event: &StepEvent) {
        self.state = self.state.after(&event.kind);
        match &event.kind {
            StepEventKind::Started => {
                self.attempts = self.attempts.saturating_add(1);
                self.started_at = Some(event.at);
                self.ended_at = None;
                self.error = None;
            }
            StepEventKind::Done { output } => {
                self.output = Some(output.clone());
                self.ended_at = Some(event.at);
            }
            StepEventKind::Failed { error } | StepEventKind::UndoFailed { error } => {
                self.error = Some(error.clone());
                self.ended_at = Some(event.at);
            }
            StepEventKind::UndoStarted => self.ended_at = None,
            StepEventKind::Undone => {
                self.output = None;
                self.ended_at = Some(event.at);
            }
        }
    }
}

/// Where every node of a plan stands, in the plan's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    statuses: Vec<NodeStatus>,
    positions: HashMap<String, usize>,
}

impl Progress {
    /// Replays a log over a plan. Lines about nodes that the plan does not have are passed over.
    #[must_use]
    pub fn replay(plan: &Plan, log: &[StepEvent]) -> Self {
        let positions =
            plan.nodes.iter().enumerate().map(|(i, node)| (node.id.clone(), i)).collect();
        let statuses = vec![NodeStatus::PENDING; plan.nodes.len()];
        let mut progress = Self { statuses, positions };
        log.iter().for_each(|event| progress.apply(event));
        progress
    }

    /// Takes in one more line of the log.
    pub fn apply(&mut self, event: &StepEvent) {
        if let Some(&position) = self.positions.get(&event.node) {
            self.statuses[position].apply(event);
        }
    }

    /// Where the node at `position` of the plan stands.
    #[must_use]
    pub fn at(&self, position: usize) -> &NodeStatus {
        &self.statuses[position]
    }

    /// Where the node with this id stands; `None` when the plan has no such node.
    #[must_use]
    pub fn of(&self, node: &str) -> Option<&NodeStatus> {
        self.positions.get(node).map(|&position| &self.statuses[position])
    }

    /// True when the node with this id is done.
    #[must_use]
    pub fn is_done(&self, node: &str) -> bool {
        self.of(node).is_some_and(|status| status.state == NodeState::Done)
    }

    /// True when the node may have had an effect that was not taken back.
    #[must_use]
    pub fn may_have_effect(&self, node: &str) -> bool {
        self.of(node).is_some_and(|status| status.state.wants_undo())
    }

    /// How many nodes are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.statuses.iter().filter(|status| status.state == NodeState::Done).count()
    }
}
