//! VNF packages (SOL005 clause 9.4).

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::api::Api;
use windlass_api::selector::VNF_PKG_INFO;
use windlass_api::vnfpkgm::{
    CreateVnfPkgInfoRequest, PackageOperationalState, VnfPkgInfo, VnfPkgInfoModifications,
};
use windlass_model::VnfPackageId;
use windlass_model::package::{OperationalState, UsageState};
use windlass_server::{answer, list as lists};
use windlass_store::{Stored, VnfPackageRecord};

use super::{Answer, content, nothing};
use crate::catalog::{self, Changes};
use crate::error::Result;
use crate::nfvo::{Core, Nfvo};
use crate::view;

type Id = web::Path<VnfPackageId>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    lists::answer(&request, VNF_PKG_INFO, infos(&nfvo.core).await?)
}

pub async fn create(nfvo: web::Data<Nfvo>, body: web::Json<CreateVnfPkgInfoRequest>) -> Answer {
    let data = body.into_inner().user_defined_data;
    let package = catalog::create::<VnfPackageRecord>(&nfvo.core, data).await?;
    let location = format!("{}/vnf_packages/{}", Api::VnfPkgm.root(), package.document.id);
    let info = view::vnf_package(&package.document, UsageState::NotInUse);
    Ok(answer::created(&location, package.generation, info))
}

pub async fn read(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    one(&nfvo.core, &get(&nfvo, *id).await?).await
}

pub async fn modify(
    nfvo: web::Data<Nfvo>,
    id: Id,
    request: HttpRequest,
    body: web::Json<VnfPkgInfoModifications>,
) -> Answer {
    let seen = get(&nfvo, *id).await?;
    answer::if_match(&request, seen.generation)?;
    let changes = Changes {
        operational: body.operational_state.map(|state| match state {
            PackageOperationalState::Enabled => OperationalState::Enabled,
            PackageOperationalState::Disabled => OperationalState::Disabled,
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
    catalog::upload::<VnfPackageRecord, _, _>(&nfvo.core, *id, super::chunks(body)).await?;
    Ok(HttpResponse::Accepted().finish())
}

pub async fn content(nfvo: web::Data<Nfvo>, id: Id, request: HttpRequest) -> Answer {
    send_content(&nfvo.core, &get(&nfvo, *id).await?.document, &request).await
}

pub async fn vnfd(nfvo: web::Data<Nfvo>, id: Id, request: HttpRequest) -> Answer {
    send_vnfd(&nfvo.core, &get(&nfvo, *id).await?.document, &request).await
}

pub async fn manifest(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    send_manifest(&nfvo.core, &get(&nfvo, *id).await?.document).await
}

pub async fn artifact(
    nfvo: web::Data<Nfvo>,
    path: web::Path<(VnfPackageId, String)>,
    request: HttpRequest,
) -> Answer {
    let (id, path) = path.into_inner();
    send_artifact(&nfvo.core, &get(&nfvo, id).await?.document, &path, &request).await
}

async fn get(nfvo: &Nfvo, id: VnfPackageId) -> Result<Stored<VnfPackageRecord>> {
    Ok(nfvo.core.store.vnf_packages().get(id).await?)
}

/// Every package, with whether it is in use.
pub(super) async fn infos(core: &Core) -> Result<Vec<(String, VnfPkgInfo)>> {
    let packages = catalog::every::<VnfPackageRecord>(core).await?;
    let packages = catalog::with_usage(core, packages).await?;
    let info = |(package, usage): (Stored<VnfPackageRecord>, UsageState)| {
        (package.document.id.to_string(), view::vnf_package(&package.document, usage))
    };
    Ok(packages.into_iter().map(info).collect())
}

pub(super) async fn one(core: &Core, package: &Stored<VnfPackageRecord>) -> Answer {
    let usage = catalog::usage_of(core, &package.document).await?;
    Ok(answer::tagged(package.generation, view::vnf_package(&package.document, usage)))
}

pub(super) async fn send_content(
    core: &Core,
    package: &VnfPackageRecord,
    request: &HttpRequest,
) -> Answer {
    content::serve(request, core, catalog::content(package)?, content::ARCHIVE).await
}

pub(super) async fn send_vnfd(
    core: &Core,
    package: &VnfPackageRecord,
    request: &HttpRequest,
) -> Answer {
    content::descriptor(request, &catalog::described(core, package).await?)
}

pub(super) async fn send_manifest(core: &Core, package: &VnfPackageRecord) -> Answer {
    Ok(content::text(catalog::manifest(core, package).await?))
}

pub(super) async fn send_artifact(
    core: &Core,
    package: &VnfPackageRecord,
    path: &str,
    request: &HttpRequest,
) -> Answer {
    content::serve(request, core, catalog::artifact(core, package, path).await?, content::BYTES)
        .await
}
