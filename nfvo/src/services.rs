//! Identifiers of network services: made of a descriptor, deleted when nothing is left of them.

use windlass_api::nslcm::CreateNsRequest;
use windlass_api::vnflcm::VnfInstance;
use windlass_model::NsInstanceId;
use windlass_model::ns::NsInstance;
use windlass_model::package::OperationalState;
use windlass_server::list::Wanted;
use windlass_store::{StoreError, Stored};

use crate::error::{Error, Result};
use crate::nfvo::Core;
use crate::{narrowed, view};

/// Makes the identifier of a service to be.
pub(crate) async fn create(core: &Core, request: &CreateNsRequest) -> Result<Stored<NsInstance>> {
    let nsd = match core.store.nsds().of_nsd(&request.nsd_id).await {
        Ok(stored) => stored.document,
        Err(StoreError::NotFound { .. }) => {
            let told = format!("no NSD with the id {} is onboarded", request.nsd_id);
            return Err(Error::Unprocessable(told));
        }
        Err(error) => return Err(error.into()),
    };
    if nsd.onboarding.operational == OperationalState::Disabled {
        return Err(Error::Conflict(format!("the NSD {} is DISABLED", request.nsd_id)));
    }
    let ns = NsInstance {
        id: NsInstanceId::new(),
        name: request.ns_name.clone(),
        description: request.ns_description.clone(),
        nsd_id: request.nsd_id.clone(),
        nsd_info: nsd.id,
        created_at: core.clock.now(),
        instantiated: None,
    };
    Ok(core.store.ns_instances().create(ns).await?)
}

/// A service.
pub(crate) async fn get(core: &Core, id: NsInstanceId) -> Result<Stored<NsInstance>> {
    Ok(core.store.ns_instances().get(id).await?)
}

/// Services that a list may show next.
pub(crate) async fn list(core: &Core, wanted: &Wanted<'_>) -> Result<Vec<Stored<NsInstance>>> {
    let by = narrowed::services(wanted.filter);
    let after = wanted.after.as_deref().and_then(|id| id.parse().ok());
    Ok(core.store.ns_instances().narrowed(by, after, wanted.limit).await?)
}

/// Deletes the identifier of a service that is not instantiated.
pub(crate) async fn delete(core: &Core, id: NsInstanceId) -> Result<()> {
    let stored = get(core, id).await?;
    if stored.document.instantiated.is_some() {
        return Err(Error::Conflict("the NS is INSTANTIATED: terminate it first".to_owned()));
    }
    Ok(core.store.ns_instances().delete(id, stored.generation).await?)
}

/// The VNFs of a service, with everything about them.
pub(crate) async fn vnfs(core: &Core, ns: &NsInstance) -> Result<Vec<VnfInstance>> {
    let mut vnfs = Vec::new();
    for member in ns.instantiated.iter().flat_map(|running| &running.vnfs) {
        vnfs.extend(core.vnfm.vnf(&member.vnf.to_string()).await?.map(view::vnf_of_service));
    }
    Ok(vnfs)
}
