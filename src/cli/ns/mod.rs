//! `windlass ns`: network services.

mod draw;
mod requests;

use std::path::PathBuf;

use anyhow::Result;
use clap::{ArgGroup, Args, Subcommand};
use windlass_api::nslcm::{CreateNsRequest, NsInstance, TerminateNsRequest};
use windlass_api::vnflcm::InstantiationState;
use windlass_client::ListOptions;

use super::arguments::{Params, Waiting};
use super::context::Context;
use super::operation::Kind;
use super::outcome::Outcome;
use super::resolve::{Candidate, resolve};
use super::{nsd, progress};

/// What can be asked of network services.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List network services
    List,
    /// Show a service with its VNFs and networks
    Show {
        /// The service
        ns: String,
    },
    /// Make the identifier of a service to be
    Create(Create),
    /// Give a service its VNFs and networks
    Instantiate {
        /// The service
        ns: String,
        #[command(flatten)]
        how: Instantiate,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Scale a service, or one VNF of it
    Scale {
        /// The service
        ns: String,
        #[command(flatten)]
        how: Scale,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Make a service whole again, or some VNFs of it
    Heal {
        /// The service
        ns: String,
        #[command(flatten)]
        how: Heal,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Release everything that a service holds
    Terminate {
        /// The service
        ns: String,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Delete the identifier of a service that holds nothing
    Delete {
        /// The service
        ns: String,
    },
    /// Create and instantiate a service, and wait for it
    Up {
        #[command(flatten)]
        create: Create,
        #[command(flatten)]
        how: Instantiate,
    },
    /// Terminate a service, wait for that, and delete it
    Down {
        /// The service
        ns: String,
    },
}

/// What a new service is called and made from.
#[derive(Args, Debug)]
pub struct Create {
    /// The NSD that it is made from
    nsd: String,
    /// What to call it
    #[arg(long)]
    name: String,
    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
}

/// How to instantiate a service.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Instantiate {
    /// The deployment flavour; the default of the NSD, when absent
    #[arg(long)]
    flavour: Option<String>,
    /// The instantiation level; the default of the flavour, when absent
    #[arg(long)]
    level: Option<String>,
    /// The whole request as SOL005 defines it, in YAML or JSON; other options go before it
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,
    #[command(flatten)]
    params: Params,
}

/// How to scale a service.
#[derive(Args, Debug)]
#[group(skip)]
#[command(group = ArgGroup::new("way").args(["out", "inwards", "level"]).required(true))]
pub struct Scale {
    /// The scaling aspect, of the service, or of the VNF if one is named
    #[arg(long, required_unless_present = "level", conflicts_with = "level")]
    aspect: Option<String>,
    /// Make it larger
    #[arg(long)]
    out: bool,
    /// Make it smaller
    #[arg(long = "in")]
    inwards: bool,
    /// By how many steps
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// To this instantiation level
    #[arg(long)]
    level: Option<String>,
    /// Scale this VNF of the service
    #[arg(long)]
    vnf: Option<String>,
}

/// What to heal of a service.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Heal {
    /// Only these VNFs
    #[arg(long)]
    vnf: Vec<String>,
    /// Why
    #[arg(long)]
    cause: Option<String>,
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        let client = &context.nfvo;
        match self {
            Self::List => {
                let services = client.ns_list(&ListOptions::all_fields()).await?;
                context.output.result(&services, |style| draw::table(&services, style))?;
            }
            Self::Show { ns } => show(context, &find(context, &ns).await?.id).await?,
            Self::Create(create) => {
                let ns = create.run(context).await?;
                context.output.result(&ns, |style| draw::page(&ns, style))?;
            }
            Self::Instantiate { ns, how, waiting } => {
                let ns = find(context, &ns).await?;
                let request = how.request(context, &ns.nsd_info_id).await?;
                let id = client.ns_instantiate(&ns.id, &request).await?;
                return progress::after(context, Kind::Ns, &id, waiting.wait).await;
            }
            Self::Scale { ns, how, waiting } => {
                let ns = find(context, &ns).await?;
                let id = client.ns_scale(&ns.id, &how.request(&ns)?).await?;
                return progress::after(context, Kind::Ns, &id, waiting.wait).await;
            }
            Self::Heal { ns, how, waiting } => {
                let ns = find(context, &ns).await?;
                let id = client.ns_heal(&ns.id, &how.request(&ns)?).await?;
                return progress::after(context, Kind::Ns, &id, waiting.wait).await;
            }
            Self::Terminate { ns, waiting } => {
                let ns = find(context, &ns).await?;
                let id = client.ns_terminate(&ns.id, &TerminateNsRequest::default()).await?;
                return progress::after(context, Kind::Ns, &id, waiting.wait).await;
            }
            Self::Delete { ns } => delete(context, &find(context, &ns).await?).await?,
            Self::Up { create, how } => return up(context, create, how).await,
            Self::Down { ns } => return down(context, &ns).await,
        }
        Ok(Outcome::Done)
    }
}

impl Create {
    async fn run(self, context: &Context) -> Result<NsInstance> {
        let nsd = nsd::find(context, &self.nsd).await?;
        let request = CreateNsRequest {
            // An NSD without content has no id of its own yet; the server says so better than we can.
            nsd_id: nsd.nsd_id.unwrap_or(nsd.id),
            ns_name: self.name,
            ns_description: self.description,
        };
        Ok(context.nfvo.ns_create(&request).await?)
    }
}

/// The service that somebody means, with its VNFs.
async fn find(context: &Context, wanted: &str) -> Result<NsInstance> {
    let services = context.nfvo.ns_list(&ListOptions::default()).await?;
    let candidate = |ns: &NsInstance| Candidate::new(&ns.id, [&ns.ns_instance_name]);
    let id = resolve("NS", wanted, services.iter().map(candidate).collect())?;
    Ok(context.nfvo.ns_read(&id).await?)
}

async fn show(context: &Context, id: &str) -> Result<()> {
    let ns = context.nfvo.ns_read(id).await?;
    context.output.result(&ns, |style| draw::page(&ns, style))
}

async fn delete(context: &Context, ns: &NsInstance) -> Result<()> {
    context.nfvo.ns_delete(&ns.id).await?;
    context.output.note(&format!("NS {} is deleted", ns.ns_instance_name));
    Ok(())
}

async fn up(context: &Context, create: Create, how: Instantiate) -> Result<Outcome> {
    let ns = create.run(context).await?;
    let request = how.request(context, &ns.nsd_info_id).await?;
    let id = context.nfvo.ns_instantiate(&ns.id, &request).await?;
    let outcome = progress::pass(context, Kind::Ns, &id).await?;
    if outcome == Outcome::Done {
        show(context, &ns.id).await?;
    }
    Ok(outcome)
}

async fn down(context: &Context, wanted: &str) -> Result<Outcome> {
    let ns = find(context, wanted).await?;
    if ns.ns_state == InstantiationState::Instantiated {
        let id = context.nfvo.ns_terminate(&ns.id, &TerminateNsRequest::default()).await?;
        let outcome = progress::pass(context, Kind::Ns, &id).await?;
        if outcome != Outcome::Done {
            return Ok(outcome);
        }
    }
    delete(context, &ns).await?;
    Ok(Outcome::Done)
}
