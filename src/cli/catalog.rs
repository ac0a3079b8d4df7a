//! What VNF packages and NSDs have in common: they are uploaded, checked, enabled and deleted.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use windlass_api::common::ProblemDetails;
use windlass_client::{Client, Result, Upload};

use super::context::Context;
use super::draw::{Style, problem};
use super::outcome::Outcome;
use super::resolve::{Candidate, resolve};
use super::transfer;

/// How soon the server is asked again whether it has checked what was uploaded; each next pause is
/// twice as long, up to a bound.
const FIRST_CHECK: Duration = Duration::from_millis(5);
const CHECK_PERIOD: Duration = Duration::from_millis(250);

/// Something that the NFVO keeps in its catalog.
pub trait Entry: Serialize + Sized {
    /// What messages call one of its kind.
    const NOUN: &'static str;

    /// Every entry of its kind.
    async fn list(client: &Client) -> Result<Vec<Self>>;
    /// An identifier, for content that is still to come.
    async fn create(client: &Client) -> Result<Self>;
    /// Everything about one entry.
    async fn read(client: &Client, id: &str) -> Result<Self>;
    /// Sends the content, which the server goes on to check.
    async fn upload(client: &Client, id: &str, content: Upload) -> Result<()>;
    /// Allows or forbids new instances.
    async fn set_enabled(client: &Client, id: &str, enabled: bool) -> Result<()>;
    /// Deletes an entry that is disabled and not in use.
    async fn delete(client: &Client, id: &str) -> Result<()>;

    /// What it says of itself.
    fn facts(&self) -> Facts<'_>;
    /// Many entries, a line each.
    fn table(entries: &[Self], style: &Style) -> String;
    /// One entry in full.
    fn page(&self, style: &Style) -> String;
}

/// What every entry says of itself, whatever the standard calls it there.
#[derive(Debug)]
pub struct Facts<'a> {
    /// Its id in the catalog.
    pub id: &'a str,
    /// The id that its descriptor has.
    pub descriptor_id: Option<&'a str>,
    /// Its name.
    pub name: Option<&'a str>,
    /// Its version.
    pub version: Option<&'a str>,
    /// Whether new instances may be made of it.
    pub enabled: bool,
    /// Whether the server has read and checked its content.
    pub checked: bool,
    /// Whether its content was refused.
    pub refused: bool,
    /// Why it was.
    pub failure: Option<&'a ProblemDetails>,
}

/// Prints all entries.
pub async fn list<E: Entry>(context: &Context) -> anyhow::Result<()> {
    let entries = E::list(&context.nfvo).await?;
    context.output.result(&entries, |style| E::table(&entries, style))
}

/// Prints an entry in full.
pub async fn show<E: Entry>(context: &Context, wanted: &str) -> anyhow::Result<()> {
    let found: E = find(context, wanted).await?;
    let entry = E::read(&context.nfvo, found.facts().id).await?;
    context.output.result(&entry, |style| entry.page(style))
}

/// The entry that somebody means, by its id, the id of its descriptor, or its name.
pub async fn find<E: Entry>(context: &Context, wanted: &str) -> anyhow::Result<E> {
    let mut entries = E::list(&context.nfvo).await?;
    let candidate = |entry: &E| {
        let facts = entry.facts();
        Candidate::new(facts.id, [facts.name, facts.descriptor_id].into_iter().flatten())
    };
    let id = resolve(E::NOUN, wanted, entries.iter().map(candidate).collect())?;
    entries.retain(|entry| entry.facts().id == id);
    Ok(entries.remove(0))
}

/// Makes files known one by one, and stops at the first that is refused.
pub async fn onboard<E: Entry>(
    context: &Context,
    files: &[PathBuf],
    enable: bool,
) -> anyhow::Result<Outcome> {
    let mut entries = Vec::new();
    for file in files {
        let entry: E = onboard_one(context, file, enable).await?;
        if conclude(context, &entry) == Outcome::Failed {
            return Ok(Outcome::Failed);
        }
        entries.push(entry);
    }
    context.output.result(&entries, |style| E::table(&entries, style))?;
    Ok(Outcome::Done)
}

async fn onboard_one<E: Entry>(context: &Context, file: &Path, enable: bool) -> anyhow::Result<E> {
    // What cannot be read should leave nothing behind at the server.
    let content = transfer::upload(file).await?;
    let client = &context.nfvo;
    let created = E::create(client).await?;
    let id = created.facts().id;
    let entry: E = match E::upload(client, id, content).await {
        Ok(()) => checked(client, id).await?,
        Err(error) => {
            // The identifier alone is of no use; the first error is the one to tell.
            let _ = E::delete(client, id).await;
            return Err(error.into());
        }
    };
    if entry.facts().refused {
        let _ = E::delete(client, id).await;
        return Ok(entry);
    }
    if entry.facts().enabled == enable {
        return Ok(entry);
    }
    E::set_enabled(client, id, enable).await?;
    Ok(E::read(client, id).await?)
}

/// Uploads the content of an entry that has none, and waits until it is checked.
pub async fn upload<E: Entry>(
    context: &Context,
    wanted: &str,
    file: &Path,
) -> anyhow::Result<Outcome> {
    let found: E = find(context, wanted).await?;
    let id = found.facts().id;
    E::upload(&context.nfvo, id, transfer::upload(file).await?).await?;
    Ok(await_check::<E>(context, id).await?)
}

/// Waits until the server has read and checked the content of an entry.
pub async fn await_check<E: Entry>(context: &Context, id: &str) -> Result<Outcome> {
    Ok(conclude::<E>(context, &checked(&context.nfvo, id).await?))
}

/// The entry once the server has read and checked it.
async fn checked<E: Entry>(client: &Client, id: &str) -> Result<E> {
    let mut pause = FIRST_CHECK;
    loop {
        let entry = E::read(client, id).await?;
        if entry.facts().checked {
            return Ok(entry);
        }
        tokio::time::sleep(pause).await;
        pause = CHECK_PERIOD.min(pause * 2);
    }
}

fn conclude<E: Entry>(context: &Context, entry: &E) -> Outcome {
    let Facts { refused, failure, .. } = entry.facts();
    if !refused {
        context.output.note(&format!("{} is onboarded", title(entry)));
        return Outcome::Done;
    }
    let why = failure.cloned().unwrap_or_default();
    eprint!("{}", problem::draw(&why, &context.output.notes));
    Outcome::Failed
}

/// Allows or forbids new instances of an entry.
pub async fn set_enabled<E: Entry>(
    context: &Context,
    wanted: &str,
    enabled: bool,
) -> anyhow::Result<()> {
    let entry: E = find(context, wanted).await?;
    E::set_enabled(&context.nfvo, entry.facts().id, enabled).await?;
    let state = if enabled { "enabled" } else { "disabled" };
    context.output.note(&format!("{} is {state}", title(&entry)));
    Ok(())
}

/// Deletes entries; with `force`, those that are enabled too.
pub async fn delete<E: Entry>(
    context: &Context,
    wanted: &[String],
    force: bool,
) -> anyhow::Result<()> {
    for wanted in wanted {
        let entry: E = find(context, wanted).await?;
        let Facts { id, enabled, .. } = entry.facts();
        if force && enabled {
            E::set_enabled(&context.nfvo, id, false).await?;
        }
        E::delete(&context.nfvo, id).await?;
        context.output.note(&format!("{} is deleted", title(&entry)));
    }
    Ok(())
}

/// What messages call an entry.
fn title<E: Entry>(entry: &E) -> String {
    let Facts { id, name, version, .. } = entry.facts();
    match name.zip(version) {
        Some((name, version)) => format!("{} {name} {version}", E::NOUN),
        None => format!("{} {id}", E::NOUN),
    }
}
