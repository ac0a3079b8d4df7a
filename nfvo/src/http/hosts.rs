//! Hosts.

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::api::Api;
use windlass_api::selector::PLAIN;
use windlass_api::windlass::{Host as HostInfo, HostModifications, RegisterHostRequest};
use windlass_model::{Host, HostId, Vim, VimId};
use windlass_server::{answer, list as lists};

use super::{Answer, nothing};
use crate::error::Result;
use crate::nfvo::{Core, Nfvo};
use crate::{sites, view};

type Id = web::Path<HostId>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    let vims = sites::all(&nfvo.core).await?.into_iter().map(|vim| vim.document).collect();
    listed(&nfvo.core, &request, vims).await
}

pub async fn of_vim(nfvo: web::Data<Nfvo>, vim: web::Path<VimId>, request: HttpRequest) -> Answer {
    let vim = sites::vim(&nfvo.core, *vim).await?.document;
    listed(&nfvo.core, &request, vec![vim]).await
}

pub async fn register(
    nfvo: web::Data<Nfvo>,
    vim: web::Path<VimId>,
    body: web::Json<RegisterHostRequest>,
) -> Answer {
    let (host, vim) = sites::add_host(&nfvo.core, *vim, &body).await?;
    let location = format!("{}/hosts/{}", Api::Windlass.root(), host.id);
    let info = info(&nfvo.core, &vim.document, &host).await?;
    Ok(answer::created(&location, vim.generation, info))
}

pub async fn read(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let (host, vim) = sites::host_and_vim(&nfvo.core, *id).await?;
    Ok(answer::tagged(vim.generation, info(&nfvo.core, &vim.document, &host).await?))
}

pub async fn modify(
    nfvo: web::Data<Nfvo>,
    id: Id,
    request: HttpRequest,
    body: web::Json<HostModifications>,
) -> Answer {
    let (_, seen) = sites::host_and_vim(&nfvo.core, *id).await?;
    answer::if_match(&request, seen.generation)?;
    let (host, vim) = sites::modify_host(&nfvo.core, *id, &body, seen).await?;
    Ok(answer::tagged(vim.generation, info(&nfvo.core, &vim.document, &host).await?))
}

pub async fn remove(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    sites::remove_host(&nfvo.core, *id).await?;
    Ok(nothing())
}

/// A host is probed with its VIM: the adapter knows them together.
pub async fn probe(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let (_, vim) = sites::host_and_vim(&nfvo.core, *id).await?;
    sites::probe(&nfvo.core, vim.document.id).await?;
    let (host, vim) = sites::host_and_vim(&nfvo.core, *id).await?;
    Ok(HttpResponse::Ok().json(info(&nfvo.core, &vim.document, &host).await?))
}

async fn listed(core: &Core, request: &HttpRequest, vims: Vec<Vim>) -> Answer {
    let used = sites::used(core).await?;
    let hosts = vims.iter().flat_map(|vim| vim.hosts.iter().map(move |host| (vim, host)));
    let member = |(vim, host): (&Vim, &Host)| (host.id.to_string(), view::host(vim, host, &used));
    lists::answer(request, PLAIN, hosts.map(member).collect())
}

async fn info(core: &Core, vim: &Vim, host: &Host) -> Result<HostInfo> {
    Ok(view::host(vim, host, &sites::used(core).await?))
}
