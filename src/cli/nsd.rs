//! `windlass nsd`: network service descriptors.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use windlass_api::nsd::{CreateNsdInfoRequest, NsdInfo, NsdOnboardingState, NsdOperationalState};
use windlass_client::ListOptions;

use super::context::Context;
use super::draw::{Cell, Grid, Page, Style, problem};
use super::outcome::Outcome;
use super::resolve::{Candidate, resolve};
use super::transfer::{self, CHECK_PERIOD};

/// What can be asked of NSDs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List NSDs
    List,
    /// Show an NSD
    Show {
        /// The NSD
        nsd: String,
    },
    /// Make NSDs known: create, upload, wait until checked, enable
    Onboard {
        /// NSD archives (CSAR, zip), or folders or YAML files that become archives on the way
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Do not allow new services to be made of them yet
        #[arg(long)]
        disabled: bool,
    },
    /// Upload the content of an NSD that has none, or whose content was refused
    Upload {
        /// The NSD
        nsd: String,
        /// An archive, a folder, or a YAML file
        file: PathBuf,
    },
    /// Allow new services to be made of an NSD
    Enable {
        /// The NSD
        nsd: String,
    },
    /// Allow no new services to be made of an NSD
    Disable {
        /// The NSD
        nsd: String,
    },
    /// Delete NSDs
    Delete {
        /// The NSDs
        #[arg(required = true, value_name = "NSD")]
        nsds: Vec<String>,
        /// Disable them first
        #[arg(long)]
        force: bool,
    },
    /// Print an NSD
    Nsd {
        /// The NSD
        nsd: String,
        /// Where to put it, instead of printing it
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
    },
    /// Download an NSD archive as it was uploaded
    Download {
        /// The NSD
        nsd: String,
        /// Where to put it
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
    },
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> anyhow::Result<Outcome> {
        let client = &context.nfvo;
        match self {
            Self::List => {
                let nsds = client.nsd_list(&ListOptions::default()).await?;
                context.output.result(&nsds, |style| table(&nsds, style))?;
            }
            Self::Show { nsd } => {
                let nsd = client.nsd_read(&find(context, &nsd).await?.id).await?;
                context.output.result(&nsd, |style| page(&nsd, style))?;
            }
            Self::Onboard { files, disabled } => return onboard(context, &files, !disabled).await,
            Self::Upload { nsd, file } => {
                let id = find(context, &nsd).await?.id;
                client.nsd_upload(&id, transfer::upload(&file).await?).await?;
                return conclude(context, &checked(context, &id).await?);
            }
            Self::Enable { nsd } => set(context, &nsd, NsdOperationalState::Enabled).await?,
            Self::Disable { nsd } => set(context, &nsd, NsdOperationalState::Disabled).await?,
            Self::Delete { nsds, force } => delete(context, &nsds, force).await?,
            Self::Nsd { nsd, into } => {
                let document = client.nsd_document(&find(context, &nsd).await?.id).await?;
                transfer::download(context, document, into).await?;
            }
            Self::Download { nsd, into } => {
                let content = client.nsd_content(&find(context, &nsd).await?.id).await?;
                transfer::download(context, content, into).await?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// The NSD that somebody means, by either of its ids or by name.
pub async fn find(context: &Context, wanted: &str) -> anyhow::Result<NsdInfo> {
    let mut nsds = context.nfvo.nsd_list(&ListOptions::default()).await?;
    let candidate =
        |nsd: &NsdInfo| Candidate::new(&nsd.id, [&nsd.nsd_name, &nsd.nsd_id].into_iter().flatten());
    let id = resolve("NSD", wanted, nsds.iter().map(candidate).collect())?;
    nsds.retain(|nsd| nsd.id == id);
    Ok(nsds.remove(0))
}

async fn onboard(context: &Context, files: &[PathBuf], enable: bool) -> anyhow::Result<Outcome> {
    let mut nsds = Vec::new();
    for file in files {
        let nsd = onboard_one(context, file, enable).await?;
        if nsd.nsd_onboarding_state == NsdOnboardingState::Error {
            return conclude(context, &nsd);
        }
        context.output.note(&format!("{} is onboarded", name(&nsd)));
        nsds.push(nsd);
    }
    context.output.result(&nsds, |style| table(&nsds, style))?;
    Ok(Outcome::Done)
}

async fn onboard_one(context: &Context, file: &Path, enable: bool) -> anyhow::Result<NsdInfo> {
    // What cannot be read should leave nothing behind at the server.
    let content = transfer::upload(file).await?;
    let client = &context.nfvo;
    let id = client.nsd_create(&CreateNsdInfoRequest::default()).await?.id;
    let nsd = match client.nsd_upload(&id, content).await {
        Ok(()) => checked(context, &id).await?,
        Err(error) => {
            // The identifier alone is of no use; the first error is the one to tell.
            let _ = client.nsd_delete(&id).await;
            return Err(error.into());
        }
    };
    if nsd.nsd_onboarding_state == NsdOnboardingState::Error {
        let _ = client.nsd_delete(&id).await;
        return Ok(nsd);
    }
    let wanted = match enable {
        true => NsdOperationalState::Enabled,
        false => NsdOperationalState::Disabled,
    };
    if nsd.nsd_operational_state == wanted {
        return Ok(nsd);
    }
    client.nsd_set_state(&id, wanted).await?;
    Ok(client.nsd_read(&id).await?)
}

/// The NSD once the server has read and checked it.
async fn checked(context: &Context, id: &str) -> anyhow::Result<NsdInfo> {
    use NsdOnboardingState::{Error, Onboarded};
    loop {
        let nsd = context.nfvo.nsd_read(id).await?;
        if matches!(nsd.nsd_onboarding_state, Onboarded | Error) {
            return Ok(nsd);
        }
        tokio::time::sleep(CHECK_PERIOD).await;
    }
}

fn conclude(context: &Context, nsd: &NsdInfo) -> anyhow::Result<Outcome> {
    if nsd.nsd_onboarding_state != NsdOnboardingState::Error {
        context.output.note(&format!("{} is onboarded", name(nsd)));
        return Ok(Outcome::Done);
    }
    let why = nsd.onboarding_failure_details.clone().unwrap_or_default();
    eprint!("{}", problem::draw(&why, &context.output.notes));
    Ok(Outcome::Failed)
}

async fn set(context: &Context, wanted: &str, state: NsdOperationalState) -> anyhow::Result<()> {
    let nsd = find(context, wanted).await?;
    context.nfvo.nsd_set_state(&nsd.id, state).await?;
    context.output.note(&format!("{} is {}", name(&nsd), state.as_str().to_lowercase()));
    Ok(())
}

async fn delete(context: &Context, wanted: &[String], force: bool) -> anyhow::Result<()> {
    for wanted in wanted {
        let nsd = find(context, wanted).await?;
        if force && nsd.nsd_operational_state == NsdOperationalState::Enabled {
            context.nfvo.nsd_set_state(&nsd.id, NsdOperationalState::Disabled).await?;
        }
        context.nfvo.nsd_delete(&nsd.id).await?;
        context.output.note(&format!("{} is deleted", name(&nsd)));
    }
    Ok(())
}

fn name(nsd: &NsdInfo) -> String {
    match (&nsd.nsd_name, &nsd.nsd_version) {
        (Some(name), Some(version)) => format!("NSD {name} {version}"),
        _ => format!("NSD {}", nsd.id),
    }
}

fn table(nsds: &[NsdInfo], style: &Style) -> String {
    let headings = ["id", "name", "version", "designer", "onboarding", "state", "usage"];
    let mut grid = Grid::new(style, &headings);
    for nsd in nsds {
        grid.row([
            Cell::id(&nsd.id),
            Cell::maybe(nsd.nsd_name.as_ref()),
            Cell::maybe(nsd.nsd_version.as_ref()),
            Cell::maybe(nsd.nsd_designer.as_ref()),
            Cell::state(nsd.nsd_onboarding_state),
            Cell::state(nsd.nsd_operational_state),
            Cell::state(nsd.nsd_usage_state),
        ]);
    }
    grid.to_string()
}

fn page(nsd: &NsdInfo, style: &Style) -> String {
    let failure = nsd.onboarding_failure_details.as_ref();
    Page::new(style)
        .field("id", &nsd.id)
        .maybe("NSD", nsd.nsd_id.as_ref())
        .maybe("name", nsd.nsd_name.as_ref())
        .maybe("version", nsd.nsd_version.as_ref())
        .maybe("designer", nsd.nsd_designer.as_ref())
        .state("onboarding", nsd.nsd_onboarding_state)
        .state("state", nsd.nsd_operational_state)
        .state("usage", nsd.nsd_usage_state)
        .text("VNF packages", &nsd.vnf_pkg_ids.join("\n"))
        .text("Nested NSDs", &nsd.nested_nsd_info_ids.join("\n"))
        .text(
            "Why it was refused",
            &failure.map(|why| problem::draw(why, style)).unwrap_or_default(),
        )
        .draw()
}
