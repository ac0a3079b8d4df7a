//! NS descriptors (SOL005 clause 5.4).

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::api::Api;
use windlass_api::nsd::{CreateNsdInfoRequest, NsdInfoModifications, NsdOperationalState};
use windlass_api::selector::NSD_INFO;
use windlass_model::NsdInfoId;
use windlass_model::package::{OperationalState, UsageState};
use windlass_server::{answer, list as lists};
use windlass_store::{NsdRecord, Stored};

use super::{Answer, content, nothing};
use crate::catalog::{self, Changes};
use crate::error::Result;
use crate::nfvo::Nfvo;
use crate::view;

type Id = web::Path<NsdInfoId>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    let nsds = catalog::every::<NsdRecord>(&nfvo.core).await?;
    let nsds = catalog::with_usage(&nfvo.core, nsds).await?;
    let info = |(nsd, usage): (Stored<NsdRecord>, UsageState)| {
        (nsd.document.id.to_string(), view::ns_descriptor(&nsd.document, usage))
    };
    lists::answer(&request, NSD_INFO, nsds.into_iter().map(info).collect())
}

pub async fn create(nfvo: web::Data<Nfvo>, body: web::Json<CreateNsdInfoRequest>) -> Answer {
    let data = body.into_inner().user_defined_data;
    let nsd = catalog::create::<NsdRecord>(&nfvo.core, data).await?;
    let location = format!("{}/ns_descriptors/{}", Api::Nsd.root(), nsd.document.id);
    let info = view::ns_descriptor(&nsd.document, UsageState::NotInUse);
    Ok(answer::created(&location, nsd.generation, info))
}

pub async fn read(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let nsd = get(&nfvo, *id).await?;
    let usage = catalog::usage_of(&nfvo.core, &nsd.document).await?;
    Ok(answer::tagged(nsd.generation, view::ns_descriptor(&nsd.document, usage)))
}

pub async fn modify(
    nfvo: web::Data<Nfvo>,
    id: Id,
    request: HttpRequest,
    body: web::Json<NsdInfoModifications>,
) -> Answer {
    let seen = get(&nfvo, *id).await?;
    answer::if_match(&request, seen.generation)?;
    let changes = Changes {
        operational: body.nsd_operational_state.map(|state| match state {
            NsdOperationalState::Enabled => OperationalState::Enabled,
            NsdOperationalState::Disabled => OperationalState::Disabled,
        }),
        user_defined_data: body.user_defined_data.clone(),
    };
    let changed = catalog::modify(&nfvo.core, seen, &changes).await?;
    Ok(answer::tagged(changed.generation, body.into_inner()))
}

pub async fn delete(nfvo: web::Data<Nfvo>, id: Id, request: HttpRequest) -> Answer {
    let seen = get(&nfvo, *id).await?;
    answer::if_match(&request, seen.generation)?;
    catalog::delete(&nfvo.core, seen).await?;
    Ok(nothing())
}

pub async fn upload(
    nfvo: web::Data<Nfvo>,
    id: Id,
    request: HttpRequest,
    body: web::Payload,
) -> Answer {
    content::check_upload(&request, &nfvo.core)?;
    catalog::upload::<NsdRecord, _, _>(&nfvo.core, *id, super::chunks(body)).await?;
    Ok(HttpResponse::Accepted().finish())
}

pub async fn content(nfvo: web::Data<Nfvo>, id: Id, request: HttpRequest) -> Answer {
    let served = catalog::content(&get(&nfvo, *id).await?.document)?;
    content::serve(&request, &nfvo.core, served, content::ARCHIVE).await
}

pub async fn nsd(nfvo: web::Data<Nfvo>, id: Id, request: HttpRequest) -> Answer {
    let described = catalog::described(&nfvo.core, &get(&nfvo, *id).await?.document).await?;
    content::descriptor(&request, &described)
}

pub async fn manifest(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let manifest = catalog::manifest(&nfvo.core, &get(&nfvo, *id).await?.document).await?;
    Ok(content::text(manifest))
}

pub async fn artifact(
    nfvo: web::Data<Nfvo>,
    path: web::Path<(NsdInfoId, String)>,
    request: HttpRequest,
) -> Answer {
    let (id, path) = path.into_inner();
    let nsd = get(&nfvo, id).await?.document;
    let served = catalog::artifact(&nfvo.core, &nsd, &path).await?;
    content::serve(&request, &nfvo.core, served, content::BYTES).await
}

async fn get(nfvo: &Nfvo, id: NsdInfoId) -> Result<Stored<NsdRecord>> {
    Ok(nfvo.core.store.nsds().get(id).await?)
}
