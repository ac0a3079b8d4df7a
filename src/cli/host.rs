//! `windlass host`: machines that run VNFs.

use anyhow::Result;
use clap::Subcommand;
use windlass_api::windlass::{Host, HostModifications, RegisterHostRequest};
use windlass_client::ListOptions;

use super::context::Context;
use super::draw::{Cell, Grid, Page, Style};
use super::outcome::Outcome;
use super::resolve::{Candidate, resolve};
use super::vim::{self, taken};

/// What can be asked of hosts.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Add a host to a VIM
    Add {
        /// The VIM
        vim: String,
        /// What to call the host
        name: String,
        /// Where its hypervisor listens, such as qemu+tls://host1/system
        uri: String,
        /// What it shares a fate with: a room, a rack, a power line
        #[arg(long, default_value = "default")]
        zone: String,
        /// The bridge that joins it to the other hosts
        #[arg(long)]
        bridge: Option<String>,
        /// The VLANs that networks across hosts may use, such as 100-199
        #[arg(long, value_name = "RANGE")]
        vlans: Option<String>,
    },
    /// List the hosts of all VIMs
    List,
    /// Show a host
    Show {
        /// The host
        host: String,
    },
    /// Give a host nothing new to run
    Drain {
        /// The host
        host: String,
    },
    /// Give a host work again
    Undrain {
        /// The host
        host: String,
    },
    /// Forget a host that runs nothing
    Remove {
        /// The host
        host: String,
    },
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        let client = &context.nfvo;
        match self {
            Self::Add { vim, name, uri, zone, bridge, vlans } => {
                let vim = vim::find(context, &vim).await?;
                let request = RegisterHostRequest { name, zone, uri, bridge, vlans };
                let host = client.host_register(&vim, &request).await?;
                context.output.result(&host, |style| page(&host, style))?;
            }
            Self::List => {
                let hosts = client.host_list(&ListOptions::all_fields()).await?;
                context.output.result(&hosts, |style| grid(&hosts, style).to_string())?;
            }
            Self::Show { host } => {
                let host = client.host_read(&find(context, &host).await?).await?;
                context.output.result(&host, |style| page(&host, style))?;
            }
            Self::Drain { host } => drain(context, &host, true).await?,
            Self::Undrain { host } => drain(context, &host, false).await?,
            Self::Remove { host } => {
                client.host_remove(&find(context, &host).await?).await?;
                context.output.note(&format!("host {host} is removed"));
            }
        }
        Ok(Outcome::Done)
    }
}

async fn find(context: &Context, wanted: &str) -> Result<String> {
    let hosts = context.nfvo.host_list(&ListOptions::default()).await?;
    let candidate = |host: &Host| Candidate::new(&host.id, [&host.name, &host.uri]);
    Ok(resolve("host", wanted, hosts.iter().map(candidate).collect())?)
}

async fn drain(context: &Context, wanted: &str, drained: bool) -> Result<()> {
    let id = find(context, wanted).await?;
    let change = HostModifications { drained: Some(drained) };
    let host = context.nfvo.host_modify(&id, &change).await?;
    context.output.result(&host, |style| page(&host, style))
}

/// One line per host.
pub fn grid(hosts: &[Host], style: &Style) -> Grid {
    let headings =
        ["id", "name", "zone", "state", "guests run on", "vCPUs", "memory MiB", "storage GiB"];
    let mut grid = Grid::new(style, &headings);
    for host in hosts {
        grid.row([
            Cell::id(&host.id),
            Cell::from(&host.name),
            Cell::from(&host.zone),
            Cell::state(host.state),
            Cell::maybe(host.accelerator.map(|accelerator| accelerator.to_string())),
            Cell::from(taken(&host.used, &host.capacity, |capacity| u64::from(capacity.vcpus))),
            Cell::from(taken(&host.used, &host.capacity, |capacity| capacity.memory_mib)),
            Cell::from(taken(&host.used, &host.capacity, |capacity| capacity.storage_gib)),
        ]);
    }
    grid
}

fn page(host: &Host, style: &Style) -> String {
    let mut nodes = Grid::new(style, &["node", "vCPUs", "memory MiB"]);
    for node in &host.capacity.numa_nodes {
        nodes.row([Cell::from(node.id), Cell::from(node.vcpus), Cell::from(node.memory_mib)]);
    }
    let mut pages = Grid::new(style, &["size KiB", "count"]);
    for page in &host.capacity.hugepages {
        pages.row([Cell::from(page.size_kib), Cell::from(page.count)]);
    }
    let of = |amount| taken(&host.used, &host.capacity, amount);
    Page::new(style)
        .field("id", &host.id)
        .field("name", &host.name)
        .field("VIM", &host.vim_id)
        .field("zone", &host.zone)
        .field("uri", &host.uri)
        .maybe("bridge", host.bridge.as_ref())
        .maybe("VLANs", host.vlans.as_ref())
        .state("state", host.state)
        .maybe("because", host.state_detail.as_ref())
        .maybe("guests run on", host.accelerator.map(|accelerator| accelerator.to_string()))
        .field("vCPUs", of(|capacity| u64::from(capacity.vcpus)))
        .field("memory MiB", of(|capacity| capacity.memory_mib))
        .field("storage GiB", of(|capacity| capacity.storage_gib))
        .table("NUMA nodes", &nodes)
        .table("Huge pages", &pages)
        .draw()
}
