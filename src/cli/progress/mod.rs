//! Watching an operation until it settles.
//!
//! ```text
//! follow    asks the server, again and again -> snapshots
//! snapshot  two snapshots -> what happened between them
//! words     what happened -> text
//! screen    text -> bars on a terminal, lines elsewhere
//! ending    how it ended, why, and what can be done next
//! ```

mod ending;
mod follow;
mod screen;
mod snapshot;
mod words;

use anyhow::Result;
use chrono::{DateTime, Utc};

use super::context::Context;
use super::operation::{Kind, Operation};
use super::outcome::Outcome;
use follow::Family;
use screen::Screen;
use words::title;

/// Goes on after a request was accepted: waits for the operation, or says how to.
pub async fn after(context: &Context, kind: Kind, id: &str, wait: bool) -> Result<Outcome> {
    let operation = kind.read(context, id).await?;
    if wait {
        return watch(context, operation).await;
    }
    let name = name(context, &operation).await;
    context.output.result(&operation, |style| {
        let hint = format!("windlass op watch {}", style.id(operation.id()));
        format!("{}: operation {id}\n{}", title(&operation, &name), style.faint(&hint))
    })?;
    Ok(Outcome::Done)
}

/// Shows an operation's steps until nothing more will happen, and how it ended.
pub async fn watch(context: &Context, operation: Operation) -> Result<Outcome> {
    match settle(context, operation).await? {
        None => Ok(Outcome::Interrupted),
        Some(settled) => {
            let name = name(context, &settled).await;
            context.output.result(&settled, |style| ending::draw(&settled, &name, style))?;
            Ok(outcome(&settled))
        }
    }
}

/// Shows an operation's steps until nothing more will happen; what a longer story goes on from.
pub async fn pass(context: &Context, kind: Kind, id: &str) -> Result<Outcome> {
    let operation = kind.read(context, id).await?;
    let Some(settled) = settle(context, operation).await? else {
        return Ok(Outcome::Interrupted);
    };
    let name = name(context, &settled).await;
    if settled.is_completed() {
        context.output.note(ending::draw(&settled, &name, &context.output.notes).trim_end());
    } else {
        context.output.result(&settled, |style| ending::draw(&settled, &name, style))?;
    }
    Ok(outcome(&settled))
}

fn outcome(settled: &Operation) -> Outcome {
    if settled.is_completed() { Outcome::Done } else { Outcome::Failed }
}

/// The operation once it has settled; nothing when somebody stops to wait.
async fn settle(context: &Context, operation: Operation) -> Result<Option<Operation>> {
    let id = operation.id().to_owned();
    let name = name(context, &operation).await;
    let started = operation.started();
    let mut screen = Screen::new(&title(&operation, &name), started, context.output.notes);
    let mut family = Family::of(operation, name);
    let settled = tokio::select! {
        settled = family.follow(context, &mut screen) => Some(settled),
        interrupted = tokio::signal::ctrl_c() => { interrupted?; None }
    };
    screen.close();
    if settled.is_none() {
        let style = context.output.notes;
        eprintln!("the operation goes on; `windlass op watch {}` shows it again", style.id(&id));
    }
    settled.transpose()
}

/// What people call the VNF or service of an operation.
async fn name(context: &Context, operation: &Operation) -> String {
    let id = operation.instance();
    // A termination may be done, and its instance deleted, before it is watched.
    let name = match operation.kind() {
        Kind::Vnf => context.vnfm.vnf_read(id).await.ok().and_then(|vnf| vnf.vnf_instance_name),
        Kind::Ns => context.nfvo.ns_read(id).await.ok().map(|ns| ns.ns_instance_name),
    };
    let name = name.filter(|name| !name.is_empty());
    name.unwrap_or_else(|| context.output.notes.id(id).to_owned())
}

/// What time it is: the one place where the client looks at a clock.
#[expect(clippy::disallowed_methods, reason = "drawing for people; nothing is decided by it")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
