//! What the VNFM does when it is asked, between HTTP and the engine.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use windlass_api::vnflcm::{CreateVnfRequest, InstantiateVnfRequest};
use windlass_descriptors::vnfd::{Flavour, Vnfd};
use windlass_lcm::{NewOperation, Operation, Progress, Request, Subject};
use windlass_model::vnf::{InstantiatedVnf, Product, VnfInstance, Vnfc};
use windlass_model::{CancelMode, OperationId, VnfInstanceId};
use windlass_server::list::Wanted;
use windlass_store::Stored;
use windlass_vim::{ExecOutput, Vim, VmStats};

use crate::Vnfm;
use crate::error::VnfmError;
use crate::narrowed;
use crate::operations::MODIFY_INFO;
use crate::plan::{PlanError, sizing};
use crate::watch;

/// The tasks whose admission depends on the VNF's state (SOL003 clause 5.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Instantiate.
    Instantiate,
    /// Scale, scale to level, heal, operate or terminate: all that needs something that runs.
    Manage,
    /// Delete the identifier.
    Delete,
}

/// Refuses a task that the VNF's state does not allow.
fn admit(task: Task, vnf: &VnfInstance) -> Result<(), VnfmError> {
    let refuse = |what: &str| Err(VnfmError::Conflict(format!("VNF instance {} {what}", vnf.id)));
    match (task, vnf.instantiated.is_some()) {
        (Task::Instantiate, true) => refuse("is instantiated already"),
        (Task::Manage, false) => refuse("is not instantiated: instantiate it first"),
        (Task::Delete, true) => refuse("is instantiated: terminate it first"),
        (Task::Instantiate | Task::Delete, false) | (Task::Manage, true) => Ok(()),
    }
}

/// What the VNFD says of a VNF's properties, in the words of SOL003 clause 5.5.2.2. All flavours of a
/// VNFD describe one VNF, so the default one speaks for them.
fn configurable_properties(vnfd: &Vnfd) -> BTreeMap<String, Value> {
    let flavour = vnfd.flavour(vnfd.default_flavour.as_str()).ok();
    let said = flavour.map(|flavour| &flavour.configurable_properties);
    let autoheal = said.and_then(|said| said.is_autoheal_enabled);
    let autoheal = autoheal.map(|on| (watch::AUTOHEAL.to_owned(), Value::Bool(on)));
    autoheal.into_iter().collect()
}

impl Vnfm {
    /// Makes an identifier for a VNF of an enabled package.
    pub(crate) async fn vnf_create(
        &self,
        request: CreateVnfRequest,
    ) -> Result<Stored<VnfInstance>, VnfmError> {
        let known = self.program.nfvo.enabled_vnfd(&request.vnfd_id).await?;
        let vnfd = &known.vnfd;
        let vnf = VnfInstance {
            id: VnfInstanceId::new(),
            name: request.vnf_instance_name.unwrap_or_default(),
            description: request.vnf_instance_description.unwrap_or_default(),
            product: Product {
                vnfd_id: request.vnfd_id,
                provider: vnfd.provider.clone(),
                name: vnfd.product_name.clone(),
                software_version: vnfd.software_version.clone(),
                vnfd_version: vnfd.descriptor_version.clone(),
            },
            configurable_properties: configurable_properties(vnfd),
            metadata: request.metadata.into_iter().collect(),
            extensions: std::collections::BTreeMap::new(),
            created_at: self.program.clock.now(),
            instantiated: None,
        };
        Ok(self.store.vnf_instances().create(vnf).await?)
    }

    pub(crate) async fn vnf(&self, id: VnfInstanceId) -> Result<Stored<VnfInstance>, VnfmError> {
        Ok(self.store.vnf_instances().get(id).await?)
    }

    /// VNFs that a list may show next.
    pub(crate) async fn vnf_list(
        &self,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<VnfInstance>, VnfmError> {
        let by = narrowed::vnfs(wanted.filter);
        let after = wanted.after.as_deref().and_then(|id| id.parse().ok());
        let found = self.store.vnf_instances().narrowed(by, after, wanted.limit).await?;
        Ok(found.into_iter().map(|stored| stored.document).collect())
    }

    /// The flavour that a VNF runs; `None` when it runs none or the NFVO does not say.
    pub(crate) async fn vnf_flavour(&self, vnf: &VnfInstance) -> Option<Flavour> {
        let id = &vnf.instantiated.as_ref()?.flavour;
        let known = self.program.nfvo.vnfd(&vnf.product.vnfd_id).await.ok()?;
        known.vnfd.flavour(id).ok().cloned()
    }

    pub(crate) async fn vnf_delete(&self, id: VnfInstanceId) -> Result<(), VnfmError> {
        let stored = self.vnf(id).await?;
        admit(Task::Delete, &stored.document)?;
        self.store.vnf_instances().delete(id, stored.generation).await?;
        // A grant that came too late for its operation may have reserved room for this VNF.
        if let Err(error) = self.program.nfvo.settle(id, None, &[]).await {
            tracing::warn!(vnf = %id, %error, "could not tell the NFVO that VNF {id} is gone");
        }
        Ok(())
    }

    /// Refuses an instantiation whose flavour or level does not exist before it becomes an operation.
    pub(crate) async fn check_instantiate(
        &self,
        id: VnfInstanceId,
        request: &InstantiateVnfRequest,
    ) -> Result<(), VnfmError> {
        let vnf = self.vnf(id).await?.document;
        admit(Task::Instantiate, &vnf)?;
        let known = self.program.nfvo.vnfd(&vnf.product.vnfd_id).await?;
        let flavour = known.vnfd.flavour(&request.flavour_id).map_err(PlanError::from)?;
        sizing::first(flavour, request.instantiation_level_id.as_deref())?;
        Ok(())
    }

    /// Starts an operation on a VNF.
    pub(crate) async fn vnf_start(
        &self,
        id: VnfInstanceId,
        task: Task,
        kind: &str,
        request: &impl Serialize,
    ) -> Result<Operation, VnfmError> {
        let stored = self.vnf(id).await?;
        admit(task, &stored.document)?;
        let params = serde_json::to_value(request)
            .map_err(|error| VnfmError::BadRequest(error.to_string()))?;
        self.submit(&stored, kind, params).await
    }

    pub(crate) async fn vnf_modify(
        &self,
        stored: &Stored<VnfInstance>,
        patch: Value,
    ) -> Result<Operation, VnfmError> {
        self.submit(stored, MODIFY_INFO, patch).await
    }

    async fn submit(
        &self,
        stored: &Stored<VnfInstance>,
        kind: &str,
        params: Value,
    ) -> Result<Operation, VnfmError> {
        let new = NewOperation {
            id: OperationId::new(),
            kind: kind.to_owned(),
            subject: Subject { kind: "vnf".to_owned(), id: stored.document.id.0 },
            generation: Some(stored.generation),
            params,
            automatic: false,
        };
        let operation = self.engine.submit(new).await?;
        // A watch that is behind finds the VNF in its next round.
        let _full = self.notice.try_send(stored.document.id);
        Ok(operation)
    }

    /// Operations that a list may show next.
    pub(crate) async fn operation_list(
        &self,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Operation>, VnfmError> {
        let by = narrowed::operations(wanted.filter);
        let after = wanted.after.as_deref().and_then(|id| id.parse().ok());
        Ok(self.store.operations().narrowed("vnf", by, after, wanted.limit).await?)
    }

    pub(crate) async fn operation(
        &self,
        id: OperationId,
    ) -> Result<(Operation, Progress), VnfmError> {
        Ok(self.engine.progress(id).await?)
    }

    /// Waits until an operation comes to rest, at most this long.
    pub(crate) async fn operation_rests(
        &self,
        id: OperationId,
        limit: Duration,
    ) -> Result<(), VnfmError> {
        Ok(self.engine.rested(id, limit).await?)
    }

    pub(crate) async fn operation_request(
        &self,
        id: OperationId,
        request: Request,
    ) -> Result<Operation, VnfmError> {
        Ok(self.engine.request(id, request).await?)
    }

    pub(crate) async fn operation_fail(&self, id: OperationId) -> Result<Operation, VnfmError> {
        Ok(self.engine.fail(id).await?)
    }

    pub(crate) async fn operation_cancel(
        &self,
        id: OperationId,
        mode: CancelMode,
    ) -> Result<Operation, VnfmError> {
        Ok(self.engine.cancel(id, mode).await?)
    }

    pub(crate) async fn guest_console(
        &self,
        id: VnfInstanceId,
        vnfc: &str,
        max_bytes: u32,
    ) -> Result<String, VnfmError> {
        let (vim, vnfc) = self.guest(id, vnfc).await?;
        Ok(vim.console(vnfc.host, vnfc.vm, max_bytes).await?)
    }

    pub(crate) async fn guest_stats(
        &self,
        id: VnfInstanceId,
        vnfc: &str,
    ) -> Result<VmStats, VnfmError> {
        let (vim, vnfc) = self.guest(id, vnfc).await?;
        Ok(vim.stats(vnfc.host, vnfc.vm).await?)
    }

    pub(crate) async fn guest_exec(
        &self,
        id: VnfInstanceId,
        vnfc: &str,
        argv: &[String],
        limit: Duration,
    ) -> Result<ExecOutput, VnfmError> {
        let (vim, vnfc) = self.guest(id, vnfc).await?;
        Ok(vim.exec(vnfc.host, vnfc.vm, argv, limit).await?)
    }

    async fn guest(
        &self,
        id: VnfInstanceId,
        name: &str,
    ) -> Result<(std::sync::Arc<dyn Vim>, Vnfc), VnfmError> {
        let vnf = self.vnf(id).await?.document;
        admit(Task::Manage, &vnf)?;
        let missing = || VnfmError::NotFound { what: "VNFC", id: name.to_owned() };
        let vnfc = vnf.vnfc(name).cloned().ok_or_else(missing)?;
        let nothing = InstantiatedVnf::default();
        let vims = &vnf.instantiated.as_ref().unwrap_or(&nothing).vims;
        let vim = vims.iter().find(|vim| vim.id == vnfc.vim).ok_or_else(missing)?;
        Ok((self.program.connector.connect(vim), vnfc))
    }
}
