//! What ETSI does not define: VIMs, hosts, steps, audit, guests.

use std::time::Duration;

use reqwest::Method;
use windlass_api::api::Api;
use windlass_api::windlass::{
    AuditReport, ConsoleTail, GuestExecRequest, GuestExecResponse, GuestStats, Host,
    HostModifications, OperationProgress, RegisterHostRequest, RegisterVimRequest, Vim,
    VnfAllocation,
};

use crate::{Client, ListOptions, Result};

const API: Api = Api::Windlass;

/// How long a program may run in a guest if the request does not say.
const GUEST_EXEC_TIMEOUT: Duration = Duration::from_secs(60);
/// How much longer the client waits than the guest.
const GUEST_EXEC_GRACE: Duration = Duration::from_secs(30);

impl Client {
    /// Tells the NFVO everything that a VNF holds after an operation; without one the VNF is gone.
    pub async fn vnf_allocations_put(
        &self,
        vnf: &str,
        after: Option<&str>,
        holds: &[VnfAllocation],
    ) -> Result<()> {
        let mut url = self.url(API, &["vnf_allocations", vnf])?;
        if let Some(operation) = after {
            url.query_pairs_mut().append_pair("vnfLcmOpOccId", operation);
        }
        self.send(self.request(Method::PUT, API, url).json(holds)).await.map(drop)
    }

    /// Makes a VIM known.
    pub async fn vim_register(&self, request: &RegisterVimRequest) -> Result<Vim> {
        self.post(API, &["vims"], request).await
    }

    /// The VIMs that the server knows.
    pub async fn vim_list(&self, options: &ListOptions) -> Result<Vec<Vim>> {
        self.list(API, &["vims"], options).await
    }

    /// One VIM, with its hosts.
    pub async fn vim_read(&self, id: &str) -> Result<Vim> {
        self.get(API, &["vims", id]).await
    }

    /// Asks every host of a VIM how it is, now.
    pub async fn vim_probe(&self, id: &str) -> Result<Vim> {
        let response = self.post_empty(API, &["vims", id, "probe"]).await?;
        self.json(response).await
    }

    /// Forgets a VIM that runs nothing.
    pub async fn vim_remove(&self, id: &str) -> Result<()> {
        self.delete(API, &["vims", id]).await
    }

    /// Adds a host to a VIM.
    pub async fn host_register(&self, vim_id: &str, request: &RegisterHostRequest) -> Result<Host> {
        self.post(API, &["vims", vim_id, "hosts"], request).await
    }

    /// The hosts of all VIMs.
    pub async fn host_list(&self, options: &ListOptions) -> Result<Vec<Host>> {
        self.list(API, &["hosts"], options).await
    }

    /// One host.
    pub async fn host_read(&self, id: &str) -> Result<Host> {
        self.get(API, &["hosts", id]).await
    }

    /// Changes a host, such as its drain flag.
    pub async fn host_modify(&self, id: &str, change: &HostModifications) -> Result<Host> {
        let response = self.patch(API, &["hosts", id], change).await?;
        self.json(response).await
    }

    /// Forgets a host that runs nothing.
    pub async fn host_remove(&self, id: &str) -> Result<()> {
        self.delete(API, &["hosts", id]).await
    }

    /// What the VIMs hold and nobody owns, and the other way round.
    pub async fn audit(&self) -> Result<AuditReport> {
        self.get(API, &["audit"]).await
    }

    /// The steps of an operation occurrence of a VNF.
    pub async fn vnf_operation_steps(&self, id: &str) -> Result<OperationProgress> {
        self.get(API, &["vnf_lcm_op_occs", id, "steps"]).await
    }

    /// The steps of an operation occurrence of a network service.
    pub async fn ns_operation_steps(&self, id: &str) -> Result<OperationProgress> {
        self.get(API, &["ns_lcm_op_occs", id, "steps"]).await
    }

    /// The last lines that a guest wrote to its console.
    pub async fn guest_console(
        &self,
        vnf_id: &str,
        vnfc_id: &str,
        lines: u32,
    ) -> Result<ConsoleTail> {
        let mut url = self.url(API, &["vnf_instances", vnf_id, "vnfcs", vnfc_id, "console"])?;
        url.query_pairs_mut().append_pair("lines", &lines.to_string());
        let response = self.send_get(API, url, "application/json").await?;
        self.json(response).await
    }

    /// What a guest uses.
    pub async fn guest_stats(&self, vnf_id: &str, vnfc_id: &str) -> Result<GuestStats> {
        self.get(API, &["vnf_instances", vnf_id, "vnfcs", vnfc_id, "stats"]).await
    }

    /// Runs a program in a guest, through its agent, and waits for it.
    pub async fn guest_exec(
        &self,
        vnf_id: &str,
        vnfc_id: &str,
        request: &GuestExecRequest,
    ) -> Result<GuestExecResponse> {
        let url = self.url(API, &["vnf_instances", vnf_id, "vnfcs", vnfc_id, "exec"])?;
        let given = request.timeout_seconds.map(|seconds| Duration::from_secs(seconds.into()));
        let timeout = given.unwrap_or(GUEST_EXEC_TIMEOUT) + GUEST_EXEC_GRACE;
        let sent = self.patient_request(Method::POST, API, url).timeout(timeout).json(request);
        self.json(self.send(sent).await?).await
    }
}
