//! VIMs.

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::api::Api;
use windlass_api::selector::PLAIN;
use windlass_api::windlass::RegisterVimRequest;
use windlass_model::{Vim, VimId};
use windlass_server::{answer, list as lists};
use windlass_store::Stored;

use super::{Answer, nothing};
use crate::nfvo::Nfvo;
use crate::{sites, view};

type Id = web::Path<VimId>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    let used = sites::used(&nfvo.core).await?;
    let vims = sites::all(&nfvo.core).await?;
    let member = |vim: &Stored<Vim>| (vim.document.id.to_string(), view::vim(&vim.document, &used));
    lists::answer(&request, PLAIN, vims.iter().map(member).collect())
}

pub async fn register(nfvo: web::Data<Nfvo>, body: web::Json<RegisterVimRequest>) -> Answer {
    let vim = sites::register(&nfvo.core, &body).await?;
    let location = format!("{}/vims/{}", Api::Windlass.root(), vim.document.id);
    let used = sites::used(&nfvo.core).await?;
    Ok(answer::created(&location, vim.generation, view::vim(&vim.document, &used)))
}

pub async fn read(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let vim = sites::vim(&nfvo.core, *id).await?;
    let used = sites::used(&nfvo.core).await?;
    Ok(answer::tagged(vim.generation, view::vim(&vim.document, &used)))
}

pub async fn remove(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    sites::remove_vim(&nfvo.core, *id).await?;
    Ok(nothing())
}

pub async fn probe(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let vim = sites::probe(&nfvo.core, *id).await?;
    let used = sites::used(&nfvo.core).await?;
    Ok(HttpResponse::Ok().json(view::vim(&vim.document, &used)))
}
