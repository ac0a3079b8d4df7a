//! Onboarded VNF packages by their VNFDs, for reading (SOL003 clause 10.4).

use actix_web::{HttpRequest, web};
use windlass_api::selector::VNF_PKG_INFO;
use windlass_api::vnfpkgm::PackageOnboardingState;
use windlass_server::list as lists;
use windlass_store::{Stored, VnfPackageRecord};

use super::{Answer, entries};
use crate::error::Result;
use crate::nfvo::Nfvo;

type Vnfd = web::Path<String>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    let mut infos = entries::infos::<VnfPackageRecord>(&nfvo.core).await?;
    infos.retain(|(_, info)| info.onboarding_state == PackageOnboardingState::Onboarded);
    lists::answer(&request, VNF_PKG_INFO, infos)
}

pub async fn read(nfvo: web::Data<Nfvo>, vnfd: Vnfd) -> Answer {
    entries::one(&nfvo.core, &get(&nfvo, &vnfd).await?).await
}

pub async fn content(nfvo: web::Data<Nfvo>, vnfd: Vnfd, request: HttpRequest) -> Answer {
    entries::send_content(&nfvo.core, &get(&nfvo, &vnfd).await?.document, &request).await
}

pub async fn vnfd(nfvo: web::Data<Nfvo>, vnfd: Vnfd, request: HttpRequest) -> Answer {
    entries::send_descriptor(&nfvo.core, &get(&nfvo, &vnfd).await?.document, &request).await
}

pub async fn manifest(nfvo: web::Data<Nfvo>, vnfd: Vnfd) -> Answer {
    entries::send_manifest(&nfvo.core, &get(&nfvo, &vnfd).await?.document).await
}

pub async fn artifact(
    nfvo: web::Data<Nfvo>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Answer {
    let (vnfd, path) = path.into_inner();
    entries::send_artifact(&nfvo.core, &get(&nfvo, &vnfd).await?.document, &path, &request).await
}

async fn get(nfvo: &Nfvo, vnfd: &str) -> Result<Stored<VnfPackageRecord>> {
    Ok(nfvo.core.store.vnf_packages().of_vnfd(vnfd).await?)
}
