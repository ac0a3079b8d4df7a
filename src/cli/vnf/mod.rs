//! `windlass vnf`: VNFs.

mod draw;
mod guest;
mod requests;
mod verb;

use anyhow::Result;
use windlass_api::vnflcm::{CreateVnfRequest, VnfInstance, VnfcResourceInfo};
use windlass_client::ListOptions;

use super::context::Context;
use super::operation::Kind;
use super::outcome::Outcome;
use super::package;
use super::progress;
use super::resolve::{Candidate, resolve};

use draw::HostNames;

pub use draw::addresses;
pub use verb::Verb;

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        let client = &context.vnfm;
        let (operation, waiting) = match self {
            Self::List => {
                let vnfs = client.vnf_list(&ListOptions::all_fields()).await?;
                context.output.result(&vnfs, |style| draw::table(&vnfs, style))?;
                return Ok(Outcome::Done);
            }
            Self::Show { vnf } => {
                let vnf = find(context, &vnf).await?;
                let hosts = host_names(context).await;
                context.output.result(&vnf, |style| draw::page(&vnf, &hosts, style))?;
                return Ok(Outcome::Done);
            }
            Self::Create { package, name, description } => {
                return create(context, &package, name, description).await;
            }
            Self::Delete { vnf } => return delete(context, &vnf).await,
            Self::Console { vnf, vnfc, lines } => {
                return guest::console(context, &vnf, &vnfc, lines).await;
            }
            Self::Stats { vnf } => return guest::stats(context, &vnf).await,
            Self::Exec(exec) => return exec.run(context).await,
            Self::Instantiate { vnf, how, waiting } => {
                let vnf = find(context, &vnf).await?;
                let request = how.request(context, &vnf.vnfd_id).await?;
                (client.vnf_instantiate(&vnf.id, &request).await?, waiting)
            }
            Self::Scale { vnf, how, waiting } => {
                let vnf = find(context, &vnf).await?;
                (client.vnf_scale(&vnf.id, &how.request()).await?, waiting)
            }
            Self::ScaleToLevel { vnf, how, waiting } => {
                let vnf = find(context, &vnf).await?;
                (client.vnf_scale_to_level(&vnf.id, &how.request()).await?, waiting)
            }
            Self::Operate { vnf, how, waiting } => {
                let vnf = find(context, &vnf).await?;
                (client.vnf_operate(&vnf.id, &how.request(&vnf)?).await?, waiting)
            }
            Self::Heal { vnf, how, waiting } => {
                let vnf = find(context, &vnf).await?;
                (client.vnf_heal(&vnf.id, &how.request(&vnf)?).await?, waiting)
            }
            Self::Terminate { vnf, how, waiting } => {
                let vnf = find(context, &vnf).await?;
                (client.vnf_terminate(&vnf.id, &how.request()).await?, waiting)
            }
            Self::Modify { vnf, how, waiting } => {
                let vnf = find(context, &vnf).await?;
                (client.vnf_modify(&vnf.id, &how.request()).await?, waiting)
            }
        };
        progress::after(context, Kind::Vnf, &operation, waiting.wait).await
    }
}

/// The VNF that somebody means, with everything about it.
async fn find(context: &Context, wanted: &str) -> Result<VnfInstance> {
    let vnfs = context.vnfm.vnf_list(&ListOptions::default()).await?;
    let candidate = |vnf: &VnfInstance| Candidate::new(&vnf.id, vnf.vnf_instance_name.as_ref());
    let id = resolve("VNF", wanted, vnfs.iter().map(candidate).collect())?;
    Ok(context.vnfm.vnf_read(&id).await?)
}

/// The component that somebody means, by its id, its machine, or its VDU if that has only one.
fn component(vnf: &VnfInstance, wanted: &str) -> Result<String> {
    let info = vnf.instantiated_vnf_info.as_ref();
    let components = info.map(|info| info.vnfc_resource_info.as_slice()).unwrap_or_default();
    let candidate = |vnfc: &VnfcResourceInfo| {
        Candidate::new(&vnfc.id, [&vnfc.vdu_id, &vnfc.compute_resource.resource_id])
    };
    Ok(resolve("component", wanted, components.iter().map(candidate).collect())?)
}

fn components(vnf: &VnfInstance, wanted: &[String]) -> Result<Vec<String>> {
    wanted.iter().map(|wanted| component(vnf, wanted)).collect()
}

async fn create(
    context: &Context,
    package: &str,
    name: Option<String>,
    description: Option<String>,
) -> Result<Outcome> {
    let package = package::find(context, package).await?;
    let request = CreateVnfRequest {
        // A package without content has no VNFD yet; the server says so better than we can.
        vnfd_id: package.vnfd_id.unwrap_or(package.id),
        vnf_instance_name: name,
        vnf_instance_description: description,
        ..CreateVnfRequest::default()
    };
    let vnf = context.vnfm.vnf_create(&request).await?;
    context.output.result(&vnf, |style| draw::page(&vnf, &HostNames::new(), style))?;
    Ok(Outcome::Done)
}

/// The names of the hosts; a VNFM alone has none, and the ids have to do.
async fn host_names(context: &Context) -> HostNames {
    let hosts = context.nfvo.host_list(&ListOptions::default()).await.unwrap_or_default();
    hosts.into_iter().map(|host| (host.id, host.name)).collect()
}

async fn delete(context: &Context, wanted: &str) -> Result<Outcome> {
    let vnf = find(context, wanted).await?;
    context.vnfm.vnf_delete(&vnf.id).await?;
    let name = vnf.vnf_instance_name.unwrap_or(vnf.id);
    context.output.note(&format!("VNF {name} is deleted"));
    Ok(Outcome::Done)
}
