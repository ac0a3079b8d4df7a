//! What SOL005 asks of VNF packages and of NSDs alike: only their names and bodies differ.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use windlass_api::api::Api;
use windlass_api::selector::Listed;
use windlass_model::package::UsageState;
use windlass_server::{answer, list as lists};
use windlass_store::Stored;

use super::{Answer, content, nothing};
use crate::catalog::{self, Changes, Entry};
use crate::error::Result;
use crate::nfvo::{Core, Nfvo};

/// An entry of the catalog as clients know it.
pub trait Resource: Entry<Id: DeserializeOwned> + 'static {
    /// Its API.
    const API: Api;
    /// The last part of its collection's path.
    const COLLECTION: &'static str;
    /// What may be left out of lists.
    const LISTED: Listed;
    /// What reading one gives.
    type Info: Serialize;
    /// What asks for a new one.
    type CreateRequest: DeserializeOwned;
    /// What asks for changes.
    type Modifications: DeserializeOwned + Serialize;

    /// As clients see it.
    fn info(&self, usage: UsageState) -> Self::Info;

    /// The data that a new one starts with.
    fn user_defined_data(request: Self::CreateRequest) -> Map<String, Value>;

    /// What is to be changed.
    fn changes(modifications: &Self::Modifications) -> Changes;
}

type Id<T> = web::Path<<T as windlass_store::Document>::Id>;

pub async fn list<T: Resource>(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    lists::answer(&request, T::LISTED, infos::<T>(&nfvo.core).await?)
}

pub async fn create<T: Resource>(
    nfvo: web::Data<Nfvo>,
    body: web::Json<T::CreateRequest>,
) -> Answer {
    let data = T::user_defined_data(body.into_inner());
    let Stored { document, generation } = catalog::create::<T>(&nfvo.core, data).await?;
    let location = format!("{}/{}/{}", T::API.root(), T::COLLECTION, document.id());
    Ok(answer::created(&location, generation, document.info(UsageState::NotInUse)))
}

pub async fn read<T: Resource>(nfvo: web::Data<Nfvo>, id: Id<T>) -> Answer {
    one(&nfvo.core, &get::<T>(&nfvo, *id).await?).await
}

pub async fn modify<T: Resource>(
    nfvo: web::Data<Nfvo>,
    id: Id<T>,
    request: HttpRequest,
    body: web::Json<T::Modifications>,
) -> Answer {
    let seen = get::<T>(&nfvo, *id).await?;
    answer::if_match(&request, seen.generation)?;
    let changed = catalog::modify(&nfvo.core, seen, &T::changes(&body)).await?;
    Ok(answer::tagged(changed.generation, body.into_inner()))
}

pub async fn delete<T: Resource>(nfvo: web::Data<Nfvo>, id: Id<T>, request: HttpRequest) -> Answer {
    let seen = get::<T>(&nfvo, *id).await?;
    answer::if_match(&request, seen.generation)?;
    catalog::delete(&nfvo.core, seen).await?;
    Ok(nothing())
}

pub async fn upload<T: Resource>(
    nfvo: web::Data<Nfvo>,
    id: Id<T>,
    request: HttpRequest,
    body: web::Payload,
) -> Answer {
    content::check_upload(&request, &nfvo.core)?;
    catalog::upload::<T, _, _>(&nfvo.core, *id, super::chunks(body)).await?;
    Ok(HttpResponse::Accepted().finish())
}

pub async fn content<T: Resource>(
    nfvo: web::Data<Nfvo>,
    id: Id<T>,
    request: HttpRequest,
) -> Answer {
    send_content(&nfvo.core, &get::<T>(&nfvo, *id).await?.document, &request).await
}

pub async fn descriptor<T: Resource>(
    nfvo: web::Data<Nfvo>,
    id: Id<T>,
    request: HttpRequest,
) -> Answer {
    send_descriptor(&nfvo.core, &get::<T>(&nfvo, *id).await?.document, &request).await
}

pub async fn manifest<T: Resource>(nfvo: web::Data<Nfvo>, id: Id<T>) -> Answer {
    send_manifest(&nfvo.core, &get::<T>(&nfvo, *id).await?.document).await
}

pub async fn artifact<T: Resource>(
    nfvo: web::Data<Nfvo>,
    path: web::Path<(T::Id, String)>,
    request: HttpRequest,
) -> Answer {
    let (id, path) = path.into_inner();
    send_artifact(&nfvo.core, &get::<T>(&nfvo, id).await?.document, &path, &request).await
}

async fn get<T: Resource>(nfvo: &Nfvo, id: T::Id) -> Result<Stored<T>> {
    Ok(T::all(&nfvo.core.store).get(id).await?)
}

/// Every entry of a kind by its id, with whether it is in use.
pub(super) async fn infos<T: Resource>(core: &Core) -> Result<Vec<(String, T::Info)>> {
    let entries = catalog::with_usage(core, catalog::every::<T>(core).await?).await?;
    let info = |(entry, usage): (Stored<T>, UsageState)| {
        (entry.document.id().to_string(), entry.document.info(usage))
    };
    Ok(entries.into_iter().map(info).collect())
}

pub(super) async fn one<T: Resource>(core: &Core, entry: &Stored<T>) -> Answer {
    let usage = catalog::usage_of(core, &entry.document).await?;
    Ok(answer::tagged(entry.generation, entry.document.info(usage)))
}

pub(super) async fn send_content<T: Resource>(
    core: &Core,
    entry: &T,
    request: &HttpRequest,
) -> Answer {
    content::serve(request, core, catalog::content(entry)?, content::ARCHIVE).await
}

pub(super) async fn send_descriptor<T: Resource>(
    core: &Core,
    entry: &T,
    request: &HttpRequest,
) -> Answer {
    content::descriptor(request, &catalog::described(core, entry).await?)
}

pub(super) async fn send_manifest<T: Resource>(core: &Core, entry: &T) -> Answer {
    Ok(content::text(catalog::manifest(core, entry).await?))
}

pub(super) async fn send_artifact<T: Resource>(
    core: &Core,
    entry: &T,
    path: &str,
    request: &HttpRequest,
) -> Answer {
    let served = catalog::artifact(core, entry, path).await?;
    content::serve(request, core, served, content::BYTES).await
}
