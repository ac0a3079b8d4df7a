//! Steps: the rows of a procedure's table.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::StepError;
use crate::operation::Operation;
use crate::plan::{Node, Plan};
use crate::progress::Progress;

/// What a step is called with.
#[derive(Debug, Clone)]
pub struct StepCall {
    /// The operation that the step is part of.
    pub operation: Arc<Operation>,
    /// The node of the plan.
    pub node: Node,
    /// What the step returned, when it is being undone and had come to an end.
    pub output: Option<Value>,
    pub(crate) notes: NotesOnce,
}

/// The notes of a plan as the type that its steps read them as: once for all of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct NotesOnce(Arc<OnceLock<Arc<dyn Any + Send + Sync>>>);

impl StepCall {
    /// The node's input as the type that the step expects.
    ///
    /// # Errors
    /// A lasting [`StepError`] when the plan holds something else.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, StepError> {
        T::deserialize(&self.node.input).map_err(|error| {
            let node = &self.node.id;
            StepError::lasting(500, format!("the plan's input of {node} cannot be read: {error}"))
        })
    }
}

impl StepCall {
    /// The notes of the operation's plan as the type that the procedure wrote.
    ///
    /// # Errors
    /// A lasting [`StepError`] when the plan holds something else.
    pub fn notes<T: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<T>, StepError> {
        let read = self.notes.0.get().map(|notes| Arc::clone(notes).downcast());
        if let Some(Ok(notes)) = read {
            return Ok(notes);
        }
        let written = self.operation.plan.as_ref().map_or(&Value::Null, |plan| &plan.notes);
        let notes = Arc::new(T::deserialize(written).map_err(|error| {
            StepError::lasting(500, format!("the plan's notes cannot be read: {error}"))
        })?);
        // Another step may have been faster with the same.
        let _first = self.notes.0.set(Arc::<T>::clone(&notes));
        Ok(notes)
    }
}

/// The type of a step's function and of its undo.
pub type StepFn<C> = fn(Arc<C>, StepCall) -> BoxFuture<'static, Result<Value, StepError>>;

/// How a step is taken back.
pub enum Undo<C> {
    /// By this function, which may be called for a step that never ran to its end, and twice.
    With(StepFn<C>),
    /// Not at all, because nothing has to be: for this reason.
    Nothing(&'static str),
    /// Not at all, because nobody can: once such a step has begun, its operation can go forward
    /// or be given up, and not be rolled back.
    NoReturn(&'static str),
}

/// A row of a procedure's table. Both functions may run twice.
pub struct Step<C: 'static> {
    /// Its name: `start_vm`.
    pub name: &'static str,
    /// What it does.
    pub run: StepFn<C>,
    /// How it is taken back.
    pub undo: Undo<C>,
}

impl<C> fmt::Debug for Step<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let undo = match self.undo {
            Undo::With(_) => "undone by a function",
            Undo::Nothing(why) | Undo::NoReturn(why) => why,
        };
        f.debug_struct("Step").field("name", &self.name).field("undo", &undo).finish()
    }
}

impl<C> fmt::Debug for Undo<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::With(_) => f.write_str("With(..)"),
            Self::Nothing(why) => f.debug_tuple("Nothing").field(why).finish(),
            Self::NoReturn(why) => f.debug_tuple("NoReturn").field(why).finish(),
        }
    }
}

/// A row of a step table: `step!(start_vm, undo = stop_vm)`; where nothing is to be undone,
/// `step!(await_ready, no_undo = "it only watches")`; and where nothing can be,
/// `step!(delete_vm, no_return = "a removed machine is gone")`. The functions are plain
/// `async fn(Arc<Program>, StepCall) -> Result<Value, StepError>`.
#[macro_export]
macro_rules! step {
    ($run:ident, undo = $undo:ident) => {
        $crate::Step {
            name: stringify!($run),
            run: |program, call| Box::pin($run(program, call)),
            undo: $crate::Undo::With(|program, call| Box::pin($undo(program, call))),
        }
    };
    ($run:ident, no_undo = $why:literal) => {
        $crate::Step {
            name: stringify!($run),
            run: |program, call| Box::pin($run(program, call)),
            undo: $crate::Undo::Nothing($why),
        }
    };
    ($run:ident, no_return = $why:literal) => {
        $crate::Step {
            name: stringify!($run),
            run: |program, call| Box::pin($run(program, call)),
            undo: $crate::Undo::NoReturn($why),
        }
    };
}

/// True once a step that cannot be undone may have had an effect.
#[must_use]
pub fn is_past_return<C>(steps: &[Step<C>], plan: &Plan, progress: &Progress) -> bool {
    let no_return = |name: &str| {
        steps.iter().any(|step| step.name == name && matches!(step.undo, Undo::NoReturn(_)))
    };
    plan.nodes.iter().any(|node| no_return(&node.step) && progress.may_have_effect(&node.id))
}
