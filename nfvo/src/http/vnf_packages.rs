//! VNF packages (SOL005 clause 9.4), as [`entries`](super::entries) want them, and what NSDs lack.

use actix_web::{HttpResponse, web};
use serde_json::{Map, Value};
use windlass_api::api::Api;
use windlass_api::selector::{Listed, VNF_PKG_INFO};
use windlass_api::vnfpkgm::{
    CreateVnfPkgInfoRequest, PackageOperationalState, UploadVnfPackageFromUriRequest, VnfPkgInfo,
    VnfPkgInfoModifications,
};
use windlass_client::fetch::{Credentials, Source};
use windlass_model::VnfPackageId;
use windlass_model::package::{OperationalState, UsageState};
use windlass_store::VnfPackageRecord;

use super::Answer;
use super::entries::Resource;
use crate::catalog::{self, Changes};
use crate::error::{Error, Result};
use crate::nfvo::Nfvo;
use crate::view;

impl Resource for VnfPackageRecord {
    const API: Api = Api::VnfPkgm;
    const COLLECTION: &'static str = "vnf_packages";
    const LISTED: Listed = VNF_PKG_INFO;
    type Info = VnfPkgInfo;
    type CreateRequest = CreateVnfPkgInfoRequest;
    type Modifications = VnfPkgInfoModifications;

    fn info(&self, usage: UsageState) -> VnfPkgInfo {
        view::vnf_package(self, usage)
    }

    fn user_defined_data(request: CreateVnfPkgInfoRequest) -> Map<String, Value> {
        request.user_defined_data
    }

    fn changes(modifications: &VnfPkgInfoModifications) -> Changes {
        Changes {
            operational: modifications.operational_state.map(|state| match state {
                PackageOperationalState::Enabled => OperationalState::Enabled,
                PackageOperationalState::Disabled => OperationalState::Disabled,
            }),
            user_defined_data: modifications.user_defined_data.clone(),
        }
    }
}

/// Fetches the content from where the request says (clause 9.4.6).
pub async fn upload_from_uri(
    nfvo: web::Data<Nfvo>,
    id: web::Path<VnfPackageId>,
    body: web::Json<UploadVnfPackageFromUriRequest>,
) -> Answer {
    let source = source(body.into_inner())?;
    catalog::fetch::<VnfPackageRecord>(&nfvo.core, *id, source).await?;
    Ok(HttpResponse::Accepted().finish())
}

fn source(request: UploadVnfPackageFromUriRequest) -> Result<Source> {
    let UploadVnfPackageFromUriRequest {
        address_information: uri,
        auth_type,
        params_oauth2_client_credentials: client,
        user_name,
        password,
    } = request;
    let credentials = match (auth_type, user_name, password, client) {
        (None, None, None, None) => Credentials::None,
        (_, None, None, Some(params)) => Credentials::ClientCredentials(params),
        (None, Some(user), Some(password), None) => Credentials::Basic { user, password },
        _ => {
            let told = "give `paramsOauth2ClientCredentials` with or without `authType`, or \
                        `userName` with `password`, or none of them";
            return Err(Error::Malformed(told.to_owned()));
        }
    };
    Ok(Source { uri, credentials })
}
