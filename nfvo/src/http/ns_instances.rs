//! Network services and their tasks (SOL005 clause 6.4).

use std::collections::HashMap;

use actix_web::{HttpRequest, web};
use windlass_api::api::Api;
use windlass_api::nslcm::{
    CreateNsRequest, HealNsRequest, InstantiateNsRequest, ScaleNsRequest, TerminateNsRequest,
};
use windlass_api::selector::NS_INSTANCE;
use windlass_api::vnflcm::VnfInstance;
use windlass_lcm::Operation;
use windlass_model::NsInstanceId;
use windlass_model::ns;
use windlass_server::{answer, list as lists};
use windlass_store::Stored;

use super::{Answer, nothing};
use crate::error::Result;
use crate::nfvo::{Core, Nfvo};
use crate::{operations, services, view};

type Id = web::Path<NsInstanceId>;

pub async fn list(nfvo: web::Data<Nfvo>, request: HttpRequest) -> Answer {
    let read = async |wanted: lists::Wanted<'_>| {
        let services = services::list(&nfvo.core, &wanted).await?;
        let vnfs = vnfs_of(&nfvo.core, &services).await;
        let member = |ns: &ns::NsInstance| {
            let places = ns.instantiated.iter().flat_map(|running| &running.vnfs);
            let vnfs = places.filter_map(|one| vnfs.get(&one.vnf.to_string()).cloned());
            (ns.id.to_string(), view::ns_instance(ns, vnfs.collect()))
        };
        Ok(services.iter().map(|ns| member(&ns.document)).collect())
    };
    lists::pages(&request, NS_INSTANCE, read).await
}

/// The VNFs of these services by their ids. While the VNFM does not answer, services are listed
/// without theirs.
async fn vnfs_of(core: &Core, services: &[Stored<ns::NsInstance>]) -> HashMap<String, VnfInstance> {
    let running = services.iter().filter(|ns| ns.document.instantiated.is_some());
    let running: Vec<NsInstanceId> = running.map(|ns| ns.document.id).collect();
    match core.vnfm.vnfs_of(&running).await {
        Ok(vnfs) => {
            vnfs.into_iter().map(|vnf| (vnf.id.clone(), view::vnf_of_service(vnf))).collect()
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "services are listed without their VNFs");
            HashMap::new()
        }
    }
}

pub async fn create(nfvo: web::Data<Nfvo>, body: web::Json<CreateNsRequest>) -> Answer {
    let ns = services::create(&nfvo.core, &body).await?;
    let location = format!("{}/ns_instances/{}", Api::NsLcm.root(), ns.document.id);
    Ok(answer::created(&location, ns.generation, view::ns_instance(&ns.document, Vec::new())))
}

pub async fn read(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    let ns = services::get(&nfvo.core, *id).await?;
    let vnfs = services::vnfs(&nfvo.core, &ns.document).await?;
    Ok(answer::tagged(ns.generation, view::ns_instance(&ns.document, vnfs)))
}

pub async fn delete(nfvo: web::Data<Nfvo>, id: Id) -> Answer {
    services::delete(&nfvo.core, *id).await?;
    Ok(nothing())
}

pub async fn instantiate(
    nfvo: web::Data<Nfvo>,
    id: Id,
    body: web::Json<InstantiateNsRequest>,
) -> Answer {
    accepted(operations::instantiate(&nfvo, *id, &body).await)
}

pub async fn terminate(
    nfvo: web::Data<Nfvo>,
    id: Id,
    body: web::Json<TerminateNsRequest>,
) -> Answer {
    accepted(operations::terminate(&nfvo, *id, &body).await)
}

pub async fn scale(nfvo: web::Data<Nfvo>, id: Id, body: web::Json<ScaleNsRequest>) -> Answer {
    accepted(operations::scale(&nfvo, *id, &body).await)
}

pub async fn heal(nfvo: web::Data<Nfvo>, id: Id, body: web::Json<HealNsRequest>) -> Answer {
    accepted(operations::heal(&nfvo, *id, &body).await)
}

fn accepted(operation: Result<Operation>) -> Answer {
    let location = format!("{}/ns_lcm_op_occs/{}", Api::NsLcm.root(), operation?.id);
    Ok(answer::accepted(&location))
}
