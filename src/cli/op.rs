//! `windlass op`: lifecycle operations of services and VNFs.

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use windlass_api::common::CancelModeType;
use windlass_api::windlass::OperationProgress;
use windlass_client::Error;

use super::arguments::Waiting;
use super::context::Context;
use super::draw::{Cell, Grid, Page, Style, ago, lasted, problem};
use super::operation::{self, Kind, Operation};
use super::outcome::Outcome;
use super::progress;

/// What can be asked of operations.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List operations, the latest first
    List {
        /// Only those that are not over
        #[arg(long)]
        open: bool,
    },
    /// Show an operation with its steps
    Show {
        /// The operation
        operation: String,
    },
    /// Show the steps of an operation as they happen, until it is done
    Watch {
        /// The operation
        operation: String,
    },
    /// Try again what stopped half way
    Retry {
        /// The operation
        operation: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Undo what stopped half way
    Rollback {
        /// The operation
        operation: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Give up on what stopped half way, and leave it as it is
    Fail {
        /// The operation
        operation: String,
    },
    /// Ask an operation to stop
    Cancel {
        /// The operation
        operation: String,
        /// Interrupt what was begun instead of finishing it
        #[arg(long)]
        forceful: bool,
        #[command(flatten)]
        waiting: Waiting,
    },
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        match self {
            Self::List { open } => {
                let mut operations = operation::list(context).await?;
                operations.retain(|one| !open || !is_over(one));
                context
                    .output
                    .result(&operations, |style| table(&operations, progress::now(), style))?;
                Ok(Outcome::Done)
            }
            Self::Show { operation } => show(context, &operation).await,
            Self::Watch { operation } => {
                progress::watch(context, operation::find(context, &operation).await?).await
            }
            Self::Retry { operation, waiting } => {
                let operation = operation::find(context, &operation).await?;
                retry(context, &operation).await?;
                progress::after(context, operation.kind(), operation.id(), waiting.wait).await
            }
            Self::Rollback { operation, waiting } => {
                let operation = operation::find(context, &operation).await?;
                rollback(context, &operation).await?;
                let (kind, id) = (operation.kind(), operation.id());
                let outcome = progress::after(context, kind, id, waiting.wait).await?;
                let is_undone =
                    waiting.wait && kind.read(context, id).await?.state() == "ROLLED_BACK";
                Ok(if is_undone { Outcome::Done } else { outcome })
            }
            Self::Fail { operation } => fail(context, &operation).await,
            Self::Cancel { operation, forceful, waiting } => {
                let operation = operation::find(context, &operation).await?;
                cancel(context, &operation, forceful).await?;
                progress::after(context, operation.kind(), operation.id(), waiting.wait).await
            }
        }
    }
}

/// Whether nobody will touch it any more; FAILED_TEMP waits for somebody to decide.
fn is_over(operation: &Operation) -> bool {
    operation.is_settled() && operation.state() != "FAILED_TEMP"
}

async fn retry(context: &Context, operation: &Operation) -> Result<(), Error> {
    match operation.kind() {
        Kind::Vnf => context.vnfm.vnf_operation_retry(operation.id()).await,
        Kind::Ns => context.nfvo.ns_operation_retry(operation.id()).await,
    }
}

async fn rollback(context: &Context, operation: &Operation) -> Result<(), Error> {
    match operation.kind() {
        Kind::Vnf => context.vnfm.vnf_operation_rollback(operation.id()).await,
        Kind::Ns => context.nfvo.ns_operation_rollback(operation.id()).await,
    }
}

async fn cancel(context: &Context, operation: &Operation, forceful: bool) -> Result<(), Error> {
    let mode = if forceful { CancelModeType::Forceful } else { CancelModeType::Graceful };
    match operation.kind() {
        Kind::Vnf => context.vnfm.vnf_operation_cancel(operation.id(), mode).await,
        Kind::Ns => context.nfvo.ns_operation_cancel(operation.id(), mode).await,
    }
}

async fn fail(context: &Context, wanted: &str) -> Result<Outcome> {
    let operation = operation::find(context, wanted).await?;
    let failed = match operation.kind() {
        Kind::Vnf => {
            Operation::Vnf(Box::new(context.vnfm.vnf_operation_fail(operation.id()).await?))
        }
        Kind::Ns => Operation::Ns(Box::new(context.nfvo.ns_operation_fail(operation.id()).await?)),
    };
    context.output.result(&failed, |style| {
        format!("operation {} is {}", style.id(failed.id()), style.state(failed.state()))
    })?;
    Ok(Outcome::Done)
}

async fn show(context: &Context, wanted: &str) -> Result<Outcome> {
    let operation = operation::find(context, wanted).await?;
    let steps = operation.kind().steps(context, operation.id()).await?;
    context.output.result(&operation, |style| page(&operation, steps.as_ref(), style))?;
    Ok(Outcome::Done)
}

fn table(operations: &[Operation], now: DateTime<Utc>, style: &Style) -> String {
    let mut grid = Grid::new(style, &["id", "what", "of", "instance", "state", "started"]);
    for operation in operations {
        grid.row([
            Cell::id(operation.id()),
            Cell::from(operation.verb()),
            Cell::from(operation.kind().noun()),
            Cell::id(operation.instance()),
            Cell::state(operation.state()),
            Cell::from(ago(operation.started(), now)),
        ]);
    }
    grid.to_string()
}

fn page(operation: &Operation, progress: Option<&OperationProgress>, style: &Style) -> String {
    let took = operation.entered().filter(|_| operation.is_settled());
    let took = took.map(|entered| lasted(entered - operation.started()));
    let pending = operation.is_cancel_pending().then_some("asked for, and under way");
    let mut steps = Grid::new(style, &["step", "what", "state", "took", "attempt"]);
    for step in progress.map(|progress| progress.steps.as_slice()).unwrap_or_default() {
        let took = step.started_at.zip(step.ended_at).map(|(from, to)| lasted(to - from));
        steps.row([
            Cell::from(&step.name),
            Cell::from(&step.subject),
            Cell::state(step.state),
            Cell::maybe(took),
            Cell::from(step.attempt),
        ]);
    }
    let error = operation.error().map(|error| problem::draw(error, style));
    Page::new(style)
        .field("id", operation.id())
        .field("operation", operation.verb())
        .field("of", format!("{} {}", operation.kind().noun(), operation.instance()))
        .state("state", operation.state())
        .field("started", operation.started().format("%Y-%m-%d %H:%M:%S UTC"))
        .maybe("took", took)
        .maybe("cancel", pending)
        .field("allowed now", operation.tasks().join(", "))
        .table("Steps", &steps)
        .text("Why it failed", &error.unwrap_or_default())
        .draw()
}
