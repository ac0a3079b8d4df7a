//! What may be asked of an operation that was taken: retry, rollback, fail and cancel.

use windlass_lcm::{Operation, Progress, Request};
use windlass_model::{CancelMode, OperationId};
use windlass_server::list::Wanted;

use crate::error::{Error, Result};
use crate::narrowed;
use crate::nfvo::Nfvo;

/// Operations of services that a list may show next.
pub(crate) async fn list(nfvo: &Nfvo, wanted: &Wanted<'_>) -> Result<Vec<Operation>> {
    let by = narrowed::operations(wanted.filter);
    let after = wanted.after.as_deref().and_then(|id| id.parse().ok());
    Ok(nfvo.core.store.operations().narrowed("ns", by, after, wanted.limit).await?)
}

/// An operation of a service, and how far it is. Where NFVO and VNFM share a store, those of VNFs
/// are none of ours.
pub(crate) async fn known(nfvo: &Nfvo, id: OperationId) -> Result<(Operation, Progress)> {
    let known = nfvo.engine.progress(id).await?;
    if known.0.subject.kind == "ns" {
        return Ok(known);
    }
    Err(Error::not_found("NS operation", &id))
}

/// Lets a failed operation go on, or go back.
pub(crate) async fn request(nfvo: &Nfvo, id: OperationId, request: Request) -> Result<()> {
    known(nfvo, id).await?;
    nfvo.engine.request(id, request).await?;
    Ok(())
}

/// Gives a failed operation up.
pub(crate) async fn fail(nfvo: &Nfvo, id: OperationId) -> Result<()> {
    known(nfvo, id).await?;
    nfvo.engine.fail(id).await?;
    Ok(())
}

/// Asks an active operation to stop.
pub(crate) async fn cancel(nfvo: &Nfvo, id: OperationId, mode: CancelMode) -> Result<()> {
    known(nfvo, id).await?;
    nfvo.engine.cancel(id, mode).await?;
    Ok(())
}
