//! What each VNF holds, told by its VNFM.

use actix_web::web;
use serde::Deserialize;
use windlass_api::windlass::VnfAllocation;
use windlass_model::{OperationId, VnfInstanceId};

use super::{Answer, nothing};
use crate::grants;
use crate::nfvo::Nfvo;

/// After which operation a VNF holds what is told.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct After {
    vnf_lcm_op_occ_id: Option<OperationId>,
}

pub async fn replace(
    nfvo: web::Data<Nfvo>,
    vnf: web::Path<VnfInstanceId>,
    after: web::Query<After>,
    body: web::Json<Vec<VnfAllocation>>,
) -> Answer {
    grants::settle(&nfvo.core, *vnf, after.vnf_lcm_op_occ_id, &body).await?;
    Ok(nothing())
}
