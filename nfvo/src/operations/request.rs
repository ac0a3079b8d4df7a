//! Requests for operations: judged at once, as far as that is possible, and then taken.

use serde::Serialize;
use windlass_api::nslcm::{
    HealNsRequest, InstantiateNsRequest, NsScaleType, ScaleNsRequest, TerminateNsRequest,
};
use windlass_lcm::{NewOperation, Operation};
use windlass_model::ns::NsInstance;
use windlass_model::package::OperationalState;
use windlass_model::{NsInstanceId, OperationId};
use windlass_store::Stored;

use super::ns_instantiate::{check, nsd_of};
use super::{Kind, subject};
use crate::error::{Error, Result};
use crate::nfvo::Nfvo;

/// Asks for a service's networks and VNFs.
pub(crate) async fn instantiate(
    nfvo: &Nfvo,
    id: NsInstanceId,
    request: &InstantiateNsRequest,
) -> Result<Operation> {
    let stored = nfvo.core.store.ns_instances().get(id).await?;
    if stored.document.instantiated.is_some() {
        return Err(Error::Conflict("the NS is INSTANTIATED already".to_owned()));
    }
    let record = nfvo.core.store.nsds().get(stored.document.nsd_info).await?.document;
    if record.onboarding.operational == OperationalState::Disabled {
        return Err(Error::Conflict("its NSD is DISABLED".to_owned()));
    }
    check(&*nsd_of(&nfvo.core, stored.document.nsd_info).await?, request)?;
    begin(nfvo, &stored, Kind::Instantiate, request).await
}

/// Asks for a service to go.
pub(crate) async fn terminate(
    nfvo: &Nfvo,
    id: NsInstanceId,
    request: &TerminateNsRequest,
) -> Result<Operation> {
    let stored = instantiated(nfvo, id).await?;
    if request.termination_time.is_some() {
        let told = "termination does not support a time later on (terminationTime)";
        return Err(Error::Unprocessable(told.to_owned()));
    }
    begin(nfvo, &stored, Kind::Terminate, request).await
}

/// Asks for VNFs of a service to grow or shrink.
pub(crate) async fn scale(
    nfvo: &Nfvo,
    id: NsInstanceId,
    request: &ScaleNsRequest,
) -> Result<Operation> {
    let stored = instantiated(nfvo, id).await?;
    let refuse = |told: &str| Err(Error::Unprocessable(told.to_owned()));
    match (request.scale_type, request.scale_vnf_data.is_empty()) {
        (NsScaleType::ScaleNs, _) => {
            return refuse("scaling supports SCALE_VNF; the VNFs of a service stay the same");
        }
        (NsScaleType::ScaleVnf, true) => return refuse("scaleVnfData names no VNF"),
        (NsScaleType::ScaleVnf, false) => {}
    }
    if request.scale_time.is_some() {
        return refuse("scaling does not support a time later on (scaleTime)");
    }
    begin(nfvo, &stored, Kind::Scale, request).await
}

/// Asks for VNFs of a service to be made whole.
pub(crate) async fn heal(
    nfvo: &Nfvo,
    id: NsInstanceId,
    request: &HealNsRequest,
) -> Result<Operation> {
    let stored = instantiated(nfvo, id).await?;
    if request.heal_ns_data.is_some() != request.heal_vnf_data.is_empty() {
        let told = "either healNsData or healVnfData says what is to be healed";
        return Err(Error::Unprocessable(told.to_owned()));
    }
    begin(nfvo, &stored, Kind::Heal, request).await
}

async fn instantiated(nfvo: &Nfvo, id: NsInstanceId) -> Result<Stored<NsInstance>> {
    let stored = nfvo.core.store.ns_instances().get(id).await?;
    match stored.document.instantiated {
        Some(_) => Ok(stored),
        None => Err(Error::Conflict("the NS is NOT_INSTANTIATED".to_owned())),
    }
}

async fn begin(
    nfvo: &Nfvo,
    stored: &Stored<NsInstance>,
    kind: Kind,
    request: &impl Serialize,
) -> Result<Operation> {
    let params = serde_json::to_value(request)
        .map_err(|error| Error::broken("write the request down", error))?;
    let new = NewOperation {
        id: OperationId::new(),
        kind: kind.name().to_owned(),
        subject: subject(stored.document.id),
        generation: Some(stored.generation),
        params,
        automatic: false,
    };
    Ok(nfvo.engine.submit(new).await?)
}
