//! NSD management (SOL005 clause 5.4).

use reqwest::Method;
use windlass_api::api::Api;
use windlass_api::nsd::{CreateNsdInfoRequest, NsdInfo, NsdInfoModifications, NsdOperationalState};

use crate::{Client, Download, ListOptions, Result, Upload};

const API: Api = Api::Nsd;
const DESCRIPTORS: &str = "ns_descriptors";

impl Client {
    /// Makes the identifier of an NSD to be.
    pub async fn nsd_create(&self, request: &CreateNsdInfoRequest) -> Result<NsdInfo> {
        self.post(API, &[DESCRIPTORS], request).await
    }

    /// The NSDs that the server knows.
    pub async fn nsd_list(&self, options: &ListOptions) -> Result<Vec<NsdInfo>> {
        self.list(API, &[DESCRIPTORS], options).await
    }

    /// One NSD, with everything about it.
    pub async fn nsd_read(&self, id: &str) -> Result<NsdInfo> {
        self.get(API, &[DESCRIPTORS, id]).await
    }

    /// Sends the archive; the server goes on to check it, and `nsdOnboardingState` says how far it is.
    pub async fn nsd_upload(&self, id: &str, content: Upload) -> Result<()> {
        let url = self.url(API, &[DESCRIPTORS, id, "nsd_content"])?;
        self.send(content.attach(self.patient_request(Method::PUT, API, url))).await.map(drop)
    }

    /// Changes an NSD; what was changed comes back.
    pub async fn nsd_modify(
        &self,
        id: &str,
        change: &NsdInfoModifications,
    ) -> Result<NsdInfoModifications> {
        let response = self.patch(API, &[DESCRIPTORS, id], change).await?;
        self.json(response).await
    }

    /// Allows new services to be made from an NSD, or forbids it.
    pub async fn nsd_set_state(&self, id: &str, state: NsdOperationalState) -> Result<()> {
        let change =
            NsdInfoModifications { nsd_operational_state: Some(state), ..Default::default() };
        self.nsd_modify(id, &change).await.map(drop)
    }

    /// Deletes an NSD that is disabled and not in use.
    pub async fn nsd_delete(&self, id: &str) -> Result<()> {
        self.delete(API, &[DESCRIPTORS, id]).await
    }

    /// The archive as it was uploaded.
    pub async fn nsd_content(&self, id: &str) -> Result<Download> {
        self.download(API, &[DESCRIPTORS, id, "nsd_content"], "text/plain, application/zip").await
    }

    /// The NSD: one YAML file, or a zip if it has several.
    pub async fn nsd_document(&self, id: &str) -> Result<Download> {
        self.download(API, &[DESCRIPTORS, id, "nsd"], "text/plain, application/zip").await
    }
}
