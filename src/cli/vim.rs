//! `windlass vim`: groups of hosts.

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use windlass_api::common::KeyValuePairs;
use windlass_api::windlass::{Capacity, RegisterVimRequest, Vim};
use windlass_client::ListOptions;
use windlass_model::VimKind;

use super::arguments::pair;
use super::context::Context;
use super::draw::{Cell, Grid, Page, Style};
use super::host;
use super::outcome::Outcome;
use super::resolve::{Candidate, resolve};

/// What can be asked of VIMs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a VIM known; `windlass host add` gives it hosts
    Register {
        /// What to call it
        name: String,
        /// What drives it
        #[arg(long = "type", value_enum)]
        kind: Kind,
        /// What the adapter needs to know
        #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
        interface: Vec<(String, serde_json::Value)>,
    },
    /// List VIMs
    List,
    /// Show a VIM with its hosts
    Show {
        /// The VIM
        vim: String,
    },
    /// Ask every host of a VIM how it is, now
    Probe {
        /// The VIM
        vim: String,
    },
    /// Forget a VIM that runs nothing
    Remove {
        /// The VIM
        vim: String,
    },
}

/// What drives a VIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Plain hosts with libvirt
    Libvirt,
    /// A cloud in memory, to try things out
    Sim,
}

impl Kind {
    fn vim_type(self) -> &'static str {
        match self {
            Self::Libvirt => VimKind::Libvirt.vim_type(),
            Self::Sim => VimKind::Sim.vim_type(),
        }
    }
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        let client = &context.nfvo;
        match self {
            Self::Register { name, kind, interface } => {
                let interface_info: KeyValuePairs = interface.into_iter().collect();
                let vim_type = kind.vim_type().to_owned();
                let request =
                    RegisterVimRequest { name, vim_type, interface_info, ..Default::default() };
                let vim = client.vim_register(&request).await?;
                context.output.result(&vim, |style| page(&vim, style))?;
            }
            Self::List => {
                let vims = client.vim_list(&ListOptions::all_fields()).await?;
                context.output.result(&vims, |style| table(&vims, style))?;
            }
            Self::Show { vim } => {
                let vim = client.vim_read(&find(context, &vim).await?).await?;
                context.output.result(&vim, |style| page(&vim, style))?;
            }
            Self::Probe { vim } => {
                let vim = client.vim_probe(&find(context, &vim).await?).await?;
                context.output.result(&vim, |style| page(&vim, style))?;
            }
            Self::Remove { vim } => {
                client.vim_remove(&find(context, &vim).await?).await?;
                context.output.note(&format!("VIM {vim} is removed"));
            }
        }
        Ok(Outcome::Done)
    }
}

/// The id of the VIM that somebody means.
pub async fn find(context: &Context, wanted: &str) -> Result<String> {
    let vims = context.nfvo.vim_list(&ListOptions::default()).await?;
    let candidate = |vim: &Vim| Candidate::new(&vim.id, [&vim.name]);
    Ok(resolve("VIM", wanted, vims.iter().map(candidate).collect())?)
}

/// `3/8`: what is taken of what there is.
pub fn taken(used: &Capacity, all: &Capacity, of: fn(&Capacity) -> u64) -> String {
    format!("{}/{}", of(used), of(all))
}

fn table(vims: &[Vim], style: &Style) -> String {
    let headings = [
        "id",
        "name",
        "type",
        "state",
        "guests run on",
        "hosts",
        "vCPUs",
        "memory MiB",
        "storage GiB",
    ];
    let mut grid = Grid::new(style, &headings);
    for vim in vims {
        grid.row([
            Cell::id(&vim.id),
            Cell::from(&vim.name),
            Cell::from(&vim.vim_type),
            Cell::state(vim.state),
            Cell::maybe(vim.accelerator.map(|accelerator| accelerator.to_string())),
            Cell::from(vim.hosts.len()),
            Cell::from(taken(&vim.used, &vim.capacity, |capacity| u64::from(capacity.vcpus))),
            Cell::from(taken(&vim.used, &vim.capacity, |capacity| capacity.memory_mib)),
            Cell::from(taken(&vim.used, &vim.capacity, |capacity| capacity.storage_gib)),
        ]);
    }
    grid.to_string()
}

fn page(vim: &Vim, style: &Style) -> String {
    Page::new(style)
        .field("id", &vim.id)
        .field("name", &vim.name)
        .field("type", &vim.vim_type)
        .state("state", vim.state)
        .field("zones", vim.zones.join(", "))
        .table("Hosts", &host::grid(&vim.hosts, style))
        .draw()
}
