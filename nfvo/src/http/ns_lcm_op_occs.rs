//! Operation occurrences of network services, their tasks and their steps (SOL005 clause 6.4).

use actix_web::{HttpRequest, HttpResponse, web};
use windlass_api::common::{CancelMode as CancelRequest, CancelModeType};
use windlass_api::nslcm::{NsLcmOpOcc, NsResourceChanges};
use windlass_api::selector::NS_LCM_OP_OCC;
use windlass_lcm::{Operation, Progress, Request};
use windlass_model::{CancelMode, OperationId};

use super::{Answer, list as lists};
use crate::error::{Error, Result};
use crate::nfvo::Nfvo;
use crate::{operations, view};

/// Older occurrences than so many are not listed.
const OCCURRENCES_MAX: usize = 10_000;

type Id = web::Path<OperationId>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    let all = nfvo.core.store.operations().list("ns", None, OCCURRENCES_MAX).await?;
    // What each has touched is in its log; that is told of one occurrence at a time.
    let member = |one: &Operation| view::ns_lcm_op_occ(one, NsResourceChanges::default());
    let members = all.iter().map(|one| (one.id.to_string(), member(one))).collect();
    lists::answer(&request, NS_LCM_OP_OCC, members)
}

pub async fn read(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    Ok(HttpResponse::Ok().json(occurrence(&nfvo, *id).await?))
}

pub async fn retry(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    known(&nfvo, *id).await?;
    nfvo.engine.request(*id, Request::Retry).await?;
    Ok(HttpResponse::Accepted().finish())
}

pub async fn rollback(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    known(&nfvo, *id).await?;
    nfvo.engine.request(*id, Request::Rollback).await?;
    Ok(HttpResponse::Accepted().finish())
}

pub async fn fail(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    known(&nfvo, *id).await?;
    nfvo.engine.fail(*id).await?;
    Ok(HttpResponse::Ok().json(occurrence(&nfvo, *id).await?))
}

pub async fn cancel(nfvo: web::Data<Nfvo>, id: Id, body: web::Json<CancelRequest>) -> Answer {
    known(&nfvo, *id).await?;
    let mode = match body.cancel_mode {
        CancelModeType::Graceful => CancelMode::Graceful,
        CancelModeType::Forceful => CancelMode::Forceful,
    };
    nfvo.engine.cancel(*id, mode).await?;
    Ok(HttpResponse::Accepted().finish())
}

/// Every step of an occurrence, of `/windlass/v1`.
pub async fn steps(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let (operation, progress) = known(&nfvo, *id).await?;
    Ok(HttpResponse::Ok().json(view::operation_progress(&operation, &progress)))
}

async fn occurrence(nfvo: &Nfvo, id: OperationId) -> Result<NsLcmOpOcc> {
    let (operation, progress) = known(nfvo, id).await?;
    Ok(view::ns_lcm_op_occ(&operation, operations::changes(&operation, &progress)))
}

/// An operation of a service. Where NFVO and VNFM share a store, those of VNFs are none of ours.
async fn known(nfvo: &Nfvo, id: OperationId) -> Result<(Operation, Progress)> {
    let known = nfvo.engine.progress(id).await?;
    if known.0.subject.kind == "ns" {
        return Ok(known);
    }
    Err(Error::not_found("NS operation", id))
}
