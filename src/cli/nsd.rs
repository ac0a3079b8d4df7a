//! `windlass nsd`: network service descriptors.

use std::path::PathBuf;

use clap::Subcommand;
use windlass_api::nsd::{CreateNsdInfoRequest, NsdInfo, NsdOnboardingState, NsdOperationalState};
use windlass_client::{Client, ListOptions, Result, Upload};

use super::catalog::{self, Entry, Facts};
use super::context::Context;
use super::draw::{Cell, Grid, Page, Style, problem};
use super::outcome::Outcome;
use super::transfer;

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
            Self::List => catalog::list::<NsdInfo>(context).await?,
            Self::Show { nsd } => catalog::show::<NsdInfo>(context, &nsd).await?,
            Self::Onboard { files, disabled } => {
                return catalog::onboard::<NsdInfo>(context, &files, !disabled).await;
            }
            Self::Upload { nsd, file } => {
                return catalog::upload::<NsdInfo>(context, &nsd, &file).await;
            }
            Self::Enable { nsd } => {
                catalog::set_enabled::<NsdInfo>(context, &nsd, true).await?;
            }
            Self::Disable { nsd } => {
                catalog::set_enabled::<NsdInfo>(context, &nsd, false).await?;
            }
            Self::Delete { nsds, force } => {
                catalog::delete::<NsdInfo>(context, &nsds, force).await?;
            }
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
    catalog::find(context, wanted).await
}

impl Entry for NsdInfo {
    const NOUN: &'static str = "NSD";

    async fn list(client: &Client) -> Result<Vec<Self>> {
        client.nsd_list(&ListOptions::default()).await
    }

    async fn create(client: &Client) -> Result<Self> {
        client.nsd_create(&CreateNsdInfoRequest::default()).await
    }

    async fn read(client: &Client, id: &str) -> Result<Self> {
        client.nsd_read(id).await
    }

    async fn upload(client: &Client, id: &str, content: Upload) -> Result<()> {
        client.nsd_upload(id, content).await
    }

    async fn set_enabled(client: &Client, id: &str, enabled: bool) -> Result<()> {
        use NsdOperationalState::{Disabled, Enabled};
        client.nsd_set_state(id, if enabled { Enabled } else { Disabled }).await
    }

    async fn delete(client: &Client, id: &str) -> Result<()> {
        client.nsd_delete(id).await
    }

    fn facts(&self) -> Facts<'_> {
        use NsdOnboardingState::{Error, Onboarded};
        Facts {
            id: &self.id,
            descriptor_id: self.nsd_id.as_deref(),
            name: self.nsd_name.as_deref(),
            version: self.nsd_version.as_deref(),
            enabled: self.nsd_operational_state == NsdOperationalState::Enabled,
            checked: matches!(self.nsd_onboarding_state, Onboarded | Error),
            refused: self.nsd_onboarding_state == Error,
            failure: self.onboarding_failure_details.as_ref(),
        }
    }

    fn table(nsds: &[Self], style: &Style) -> String {
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

    fn page(&self, style: &Style) -> String {
        let failure = self.onboarding_failure_details.as_ref();
        Page::new(style)
            .field("id", &self.id)
            .maybe("NSD", self.nsd_id.as_ref())
            .maybe("name", self.nsd_name.as_ref())
            .maybe("version", self.nsd_version.as_ref())
            .maybe("designer", self.nsd_designer.as_ref())
            .state("onboarding", self.nsd_onboarding_state)
            .state("state", self.nsd_operational_state)
            .state("usage", self.nsd_usage_state)
            .text("VNF packages", &self.vnf_pkg_ids.join("\n"))
            .text("Nested NSDs", &self.nested_nsd_info_ids.join("\n"))
            .text(
                "Why it was refused",
                &failure.map(|why| problem::draw(why, style)).unwrap_or_default(),
            )
            .draw()
    }
}
