//! What each VNF holds, told by its VNFM.

use actix_web::web;
use windlass_api::windlass::VnfAllocation;
use windlass_model::VnfInstanceId;

use super::{Answer, nothing};
use crate::grants;
use crate::nfvo::Nfvo;

pub async fn replace(
    nfvo: web::Data<Nfvo>,
    vnf: web::Path<VnfInstanceId>,
    body: web::Json<Vec<VnfAllocation>>,
) -> Answer {
    grants::settle(&nfvo.core, *vnf, &body).await?;
    Ok(nothing())
}
