//! What is known of an operation at one moment, and what happened between two moments.

use chrono::{DateTime, Utc};
use windlass_api::windlass::{OperationProgress, OperationStep, StepState};

/// An operation, and those of its VNFs, at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// The state of the operation that is watched.
    pub state: String,
    /// The operation first, then those that it started.
    pub parts: Vec<Part>,
}

/// The steps of one operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Whose it is, when that is not what is watched.
    pub label: Option<String>,
    /// Its steps.
    pub progress: OperationProgress,
}

/// What happened to a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// Whose step it is.
    pub label: Option<&'a str>,
    /// The step as it is now.
    pub step: &'a OperationStep,
}

impl Snapshot {
    /// How many steps need no more work, and how many there are.
    pub fn count(&self) -> (u64, u64) {
        let sum = |of: fn(&OperationProgress) -> u32| {
            self.parts.iter().map(|part| u64::from(of(&part.progress))).sum()
        };
        (sum(|progress| progress.done), sum(|progress| progress.total))
    }

    /// The steps at work.
    pub fn running(&self) -> impl Iterator<Item = Event<'_>> {
        self.events().filter(|event| is_running(event.step.state))
    }

    /// What happened since `before`, in its order: a step that began, ended, or was begun again.
    pub fn since<'a>(&'a self, before: &'a Self) -> Vec<Event<'a>> {
        let events = self.parts.iter().flat_map(move |part| {
            let id = &part.progress.operation_id;
            let was = before.parts.iter().find(|one| one.progress.operation_id == *id);
            part.events().filter(move |event| {
                let was = was.and_then(|part| part.step(&event.step.id));
                event.step.state != StepState::Pending && has_moved(was, event.step)
            })
        });
        let mut events: Vec<Event<'a>> = events.collect();
        events.sort_by_key(Event::when);
        events
    }

    fn events(&self) -> impl Iterator<Item = Event<'_>> {
        self.parts.iter().flat_map(Part::events)
    }
}

impl Event<'_> {
    /// When it happened, as far as the server says.
    pub fn when(&self) -> Option<DateTime<Utc>> {
        match self.step.state {
            StepState::Running => self.step.started_at,
            // Its times are still those of the doing.
            StepState::Undoing | StepState::Pending => None,
            StepState::Done | StepState::Failed | StepState::Undone | StepState::Skipped => {
                self.step.ended_at
            }
        }
    }
}

impl Part {
    fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let label = self.label.as_deref();
        self.progress.steps.iter().map(move |step| Event { label, step })
    }

    fn step(&self, id: &str) -> Option<&OperationStep> {
        self.progress.steps.iter().find(|step| step.id == id)
    }
}

/// Whether somebody works at a step.
pub fn is_running(state: StepState) -> bool {
    matches!(state, StepState::Running | StepState::Undoing)
}

fn has_moved(was: Option<&OperationStep>, step: &OperationStep) -> bool {
    was.is_none_or(|was| was.state != step.state || was.attempt != step.attempt)
}
