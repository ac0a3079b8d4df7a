//! The way through a plan, forward or back, as parallel as its graph allows.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;
use tracing::{Instrument, debug, warn};
use windlass_model::CancelMode;

use crate::engine::Settings;
use crate::error::{JournalError, StepError};
use crate::measure;
use crate::operation::Operation;
use crate::plan::{Graph, Plan};
use crate::progress::{Progress, StepEvent, StepEventKind};
use crate::proof::{Moment, Verdict};
use crate::run::{Run, patiently};
use crate::step::{NotesOnce, StepCall, StepFn, Undo};

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Steps run, in the order of the plan.
    Forward,
    /// Undos run, in the opposite order.
    Back,
}

/// How the way ended.
#[derive(Debug)]
pub(super) enum End {
    /// Nothing is left to do.
    Through,
    /// A node failed.
    Stopped(StepError),
    /// A cancel took effect.
    Cancelled,
}

/// Why no further node is started.
#[derive(Debug, Default)]
struct Halt {
    error: Option<StepError>,
    cancelled: bool,
}

impl Halt {
    fn is_set(&self) -> bool {
        self.error.is_some() || self.cancelled
    }
}

pub(super) struct Walk<'run, C: Send + Sync + 'static> {
    run: &'run Run<C>,
    way: Way,
    plan: &'run Plan,
    graph: &'run Graph,
    progress: Progress,
    tasks: JoinSet<Result<Value, Failure>>,
    nodes: HashMap<Id, usize>,
    started: Vec<bool>,
    /// Lines that are in `progress` and not in the journal yet. Steps that end at the same time, and
    /// those that they make room for, go there in one write.
    unwritten: Vec<StepEvent>,
    notes: NotesOnce,
    halt: Halt,
}

/// How a task can end badly.
#[derive(Debug)]
enum Failure {
    Step(StepError),
    /// A proof pretends that the process died here.
    Crash,
}

impl<'run, C: Send + Sync + 'static> Walk<'run, C> {
    pub fn new(
        run: &'run Run<C>,
        way: Way,
        plan: &'run Plan,
        graph: &'run Graph,
        progress: Progress,
    ) -> Self {
        let started = vec![false; plan.nodes.len()];
        Self {
            run,
            way,
            plan,
            graph,
            progress,
            tasks: JoinSet::new(),
            nodes: HashMap::new(),
            started,
            unwritten: Vec::new(),
            notes: NotesOnce::default(),
            halt: Halt::default(),
        }
    }

    /// Goes on until nothing runs any more.
    pub async fn run(mut self) -> Result<(End, Progress), JournalError> {
        let mut cancel = self.run.cancel.clone();
        let mut patience: Option<tokio::time::Instant> = None;
        self.forget_the_outdated();
        loop {
            let asked = *cancel.borrow_and_update();
            match asked {
                Some(CancelMode::Forceful) => {
                    self.halt.cancelled = true;
                    self.tasks.shutdown().await;
                    break;
                }
                Some(CancelMode::Graceful) => {
                    self.halt.cancelled = true;
                    let limit = self.run.settings.graceful_limit;
                    patience.get_or_insert_with(|| tokio::time::Instant::now() + limit);
                }
                None => {}
            }
            self.start_ready().await?;
            if self.tasks.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some(ended) = self.tasks.join_next_with_id() => self.ended(ended)?,
                Ok(()) = cancel.changed() => {}
                () = until(patience) => { self.tasks.shutdown().await; break }
            }
            while let Some(ended) = self.tasks.try_join_next_with_id() {
                self.ended(ended)?;
            }
        }
        self.write().await?;
        Ok((self.end(), self.progress))
    }

    fn end(&mut self) -> End {
        if let Some(error) = self.halt.error.take() {
            return End::Stopped(error);
        }
        let left = (0..self.plan.nodes.len()).any(|node| self.wants_work(node));
        // A cancel that came when all was done changes nothing.
        if left { End::Cancelled } else { End::Through }
    }

    /// Starts what waits for nothing any more, once it is written down that it starts, and what
    /// ended before.
    async fn start_ready(&mut self) -> Result<(), JournalError> {
        let ready = if self.halt.is_set() { vec![] } else { self.ready() };
        let kind = match self.way {
            Way::Forward => StepEventKind::Started,
            Way::Back => StepEventKind::UndoStarted,
        };
        for &node in &ready {
            self.note(node, kind.clone());
        }
        self.write().await?;
        for node in ready {
            self.spawn(node);
        }
        Ok(())
    }

    fn ready(&self) -> Vec<usize> {
        let room = self.run.settings.steps.saturating_sub(self.tasks.len());
        let waiting = self.waiting();
        let is_ready =
            |&node: &usize| !self.started[node] && self.wants_work(node) && !waiting[node];
        (0..self.plan.nodes.len()).filter(is_ready).take(room).collect()
    }

    fn wants_work(&self, node: usize) -> bool {
        let state = self.progress.at(node).state;
        match self.way {
            Way::Forward => state.wants_run(),
            Way::Back => state.wants_undo() && self.undo_of(node).is_some(),
        }
    }

    /// Which nodes have to wait for others, also through nodes that have nothing to do themselves.
    fn waiting(&self) -> Vec<bool> {
        let mut waiting = vec![false; self.plan.nodes.len()];
        let busy = |waiting: &[bool], other: usize| waiting[other] || self.wants_work(other);
        match self.way {
            Way::Forward => {
                for node in self.graph.order() {
                    waiting[node] = self.graph.before(node).any(|other| busy(&waiting, other));
                }
            }
            Way::Back => {
                for node in self.graph.order().rev() {
                    waiting[node] = self.graph.behind(node).any(|other| busy(&waiting, other));
                }
            }
        }
        waiting
    }

    /// A rollback that failed half way leaves nodes that need no undo as they were: done, behind
    /// others that are undone. On the way forward again what they found out holds no more.
    fn forget_the_outdated(&mut self) {
        if self.way == Way::Back {
            return;
        }
        let waiting = self.waiting();
        let outdated = (0..self.plan.nodes.len()).filter(|&node| !self.wants_work(node));
        let outdated: Vec<usize> = outdated.filter(|&node| waiting[node]).collect();
        for node in outdated {
            self.note(node, StepEventKind::Undone);
        }
    }

    fn undo_of(&self, node: usize) -> Option<StepFn<C>> {
        let name = &self.plan.nodes[node].step;
        match self.run.procedure.steps().iter().find(|step| step.name == name)?.undo {
            Undo::With(undo) => Some(undo),
            Undo::Nothing(_) | Undo::NoReturn(_) => None,
        }
    }

    fn function_of(&self, node: usize) -> Option<StepFn<C>> {
        let name = &self.plan.nodes[node].step;
        match self.way {
            Way::Forward => {
                self.run.procedure.steps().iter().find(|s| s.name == name).map(|step| step.run)
            }
            Way::Back => self.undo_of(node),
        }
    }

    fn spawn(&mut self, node: usize) {
        // The table was checked when the plan was made; a table that shrank since is an error.
        let Some(function) = self.function_of(node) else {
            let missing = format!("no step is called {}", self.plan.nodes[node].step);
            self.halt.error = Some(StepError::lasting(500, missing));
            return;
        };
        self.started[node] = true;
        let call = StepCall {
            operation: Arc::<Operation>::clone(&self.run.operation),
            node: self.plan.nodes[node].clone(),
            output: self.progress.at(node).output.clone(),
            notes: self.notes.clone(),
        };
        let program = Arc::clone(&self.run.program);
        let settings = Arc::clone(&self.run.settings);
        let way = self.way;
        let span = measure::step_span(&call.node, way == Way::Back);
        let work = attempts(function, program, call, settings, way);
        let task = self.tasks.spawn(work.instrument(span));
        self.nodes.insert(task.id(), node);
    }

    fn ended(
        &mut self,
        ended: Result<(Id, Result<Value, Failure>), tokio::task::JoinError>,
    ) -> Result<(), JournalError> {
        let (id, result) = match ended {
            Ok(pair) => pair,
            Err(panic) => {
                let what = format!("the step broke off: {panic}");
                (panic.id(), Err(Failure::Step(StepError::lasting(500, what))))
            }
        };
        let Some(node) = self.nodes.remove(&id) else { return Ok(()) };
        let kind = match (result, self.way) {
            (Ok(output), Way::Forward) => StepEventKind::Done { output },
            (Ok(_), Way::Back) => StepEventKind::Undone,
            (Err(Failure::Crash), _) => {
                return Err(JournalError::LeaseLost(self.run.operation.id));
            }
            (Err(Failure::Step(error)), way) => {
                let error = self.named(node, &error);
                self.halt.error.get_or_insert_with(|| error.clone());
                match way {
                    Way::Forward => StepEventKind::Failed { error },
                    Way::Back => StepEventKind::UndoFailed { error },
                }
            }
        };
        self.note(node, kind);
        Ok(())
    }

    /// The error as the operation shows it: with what was being done.
    fn named(&self, node: usize, error: &StepError) -> StepError {
        let about = &self.plan.nodes[node].about;
        let doing = if self.way == Way::Forward { "could not" } else { "could not undo:" };
        StepError { detail: format!("{doing} {about}: {}", error.detail), ..error.clone() }
    }

    fn note(&mut self, node: usize, kind: StepEventKind) {
        let at = self.run.clock.now();
        let event = StepEvent { node: self.plan.nodes[node].id.clone(), at, kind };
        self.progress.apply(&event);
        self.unwritten.push(event);
    }

    async fn write(&mut self) -> Result<(), JournalError> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.unwritten);
        self.run.journal.record(&self.run.lease, lines).await
    }
}

async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Calls a step's function, again after a pause while its error is transient.
async fn attempts<C: Send + Sync + 'static>(
    function: StepFn<C>,
    program: Arc<C>,
    call: StepCall,
    settings: Arc<Settings>,
    way: Way,
) -> Result<Value, Failure> {
    let is_transient = |failure: &Failure| match failure {
        Failure::Step(error) => error.transient,
        Failure::Crash => false,
    };
    let begun = Instant::now();
    let once = || attempt(function, &program, &call, &settings, way);
    let result = patiently(&settings, is_transient, once).await;
    let took = begun.elapsed();
    measure::step_ended(&call.node.step, way == Way::Back, result.is_ok(), took);
    let elapsed_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    match &result {
        Ok(_) => debug!(elapsed_ms, "{} is through", call.node.step),
        Err(Failure::Step(error)) => {
            warn!(elapsed_ms, %error, "{} failed: {error}", call.node.step)
        }
        Err(Failure::Crash) => {}
    }
    result
}

async fn attempt<C: Send + Sync + 'static>(
    function: StepFn<C>,
    program: &Arc<C>,
    call: &StepCall,
    settings: &Settings,
    way: Way,
) -> Result<Value, Failure> {
    let back = way == Way::Back;
    let verdict = async |moment| match &settings.injection {
        Some(injection) => injection.meet_step(&call.node.id, back, moment).await,
        None => Verdict::GoOn,
    };
    obey(verdict(Moment::Before).await)?;
    let once = || in_time(settings.step_limit, function(Arc::clone(program), call.clone()));
    let mut output = once().await?;
    let after = verdict(Moment::After).await;
    if after == Verdict::Again {
        output = once().await?;
    }
    obey(after)?;
    Ok(output)
}

fn obey(verdict: Verdict) -> Result<(), Failure> {
    match verdict {
        Verdict::GoOn | Verdict::Again => Ok(()),
        Verdict::Fail => Err(Failure::Step(StepError::lasting(500, "an injected fault"))),
        Verdict::Die => Err(Failure::Crash),
    }
}

async fn in_time(
    limit: Duration,
    step: impl Future<Output = Result<Value, StepError>>,
) -> Result<Value, Failure> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => result.map_err(Failure::Step),
        Err(_elapsed) => {
            let late = format!("it took longer than {limit:?}");
            Err(Failure::Step(StepError::lasting(504, late)))
        }
    }
}
