//! VNF packages: managed as in SOL005 clause 9.4, read as in SOL003 clause 10.4.

use reqwest::Method;
use windlass_api::api::Api;
use windlass_api::vnfpkgm::{
    CreateVnfPkgInfoRequest, PackageOperationalState, UploadVnfPackageFromUriRequest, VnfPkgInfo,
    VnfPkgInfoModifications,
};

use crate::{Client, Download, ListOptions, Result, Upload};

const API: Api = Api::VnfPkgm;
const PACKAGES: &str = "vnf_packages";

/// How a package is called: by its own id, or by that of the VNFD in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackageKey<'a> {
    /// The `id` of the `VnfPkgInfo`.
    Id(&'a str),
    /// The `vnfdId`; only onboarded packages have one.
    Vnfd(&'a str),
}

impl<'a> PackageKey<'a> {
    const fn names(self) -> [&'a str; 2] {
        match self {
            Self::Id(id) => [PACKAGES, id],
            Self::Vnfd(id) => ["onboarded_vnf_packages", id],
        }
    }
}

impl Client {
    /// Makes the identifier of a package to be.
    pub async fn package_create(&self, request: &CreateVnfPkgInfoRequest) -> Result<VnfPkgInfo> {
        self.post(API, &[PACKAGES], request).await
    }

    /// The packages that the server knows.
    pub async fn package_list(&self, options: &ListOptions) -> Result<Vec<VnfPkgInfo>> {
        self.list(API, &[PACKAGES], options).await
    }

    /// One package, with everything about it.
    pub async fn package_read(&self, key: PackageKey<'_>) -> Result<VnfPkgInfo> {
        self.get(API, &key.names()).await
    }

    /// Sends the content; the server goes on to check it, and `onboardingState` says how far it is.
    pub async fn package_upload(&self, id: &str, content: Upload) -> Result<()> {
        let url = self.url(API, &[PACKAGES, id, "package_content"])?;
        self.send(content.attach(self.patient_request(Method::PUT, API, url))).await.map(drop)
    }

    /// Asks the server to fetch the content.
    pub async fn package_upload_from_uri(
        &self,
        id: &str,
        request: &UploadVnfPackageFromUriRequest,
    ) -> Result<()> {
        let url = self.url(API, &[PACKAGES, id, "package_content", "upload_from_uri"])?;
        self.send(self.request(Method::POST, API, url).json(request)).await.map(drop)
    }

    /// Changes a package; what was changed comes back.
    pub async fn package_modify(
        &self,
        id: &str,
        change: &VnfPkgInfoModifications,
    ) -> Result<VnfPkgInfoModifications> {
        let response = self.patch(API, &[PACKAGES, id], change).await?;
        self.json(response).await
    }

    /// Allows new VNFs to be made from a package, or forbids it.
    pub async fn package_set_state(&self, id: &str, state: PackageOperationalState) -> Result<()> {
        let change =
            VnfPkgInfoModifications { operational_state: Some(state), ..Default::default() };
        self.package_modify(id, &change).await.map(drop)
    }

    /// Deletes a package that is disabled and not in use.
    pub async fn package_delete(&self, id: &str) -> Result<()> {
        self.delete(API, &[PACKAGES, id]).await
    }

    /// The package as it was uploaded.
    pub async fn package_content(&self, key: PackageKey<'_>) -> Result<Download> {
        let [collection, id] = key.names();
        self.download(API, &[collection, id, "package_content"], "application/zip").await
    }

    /// The VNFD: one YAML file, or a zip if it has several.
    pub async fn package_vnfd(&self, key: PackageKey<'_>) -> Result<Download> {
        let [collection, id] = key.names();
        self.download(API, &[collection, id, "vnfd"], "text/plain, application/zip").await
    }

    /// The manifest.
    pub async fn package_manifest(&self, key: PackageKey<'_>) -> Result<Download> {
        let [collection, id] = key.names();
        self.download(API, &[collection, id, "manifest"], "text/plain, application/zip").await
    }

    /// A file of the package, such as a software image, by its path in the package.
    pub async fn package_artifact(&self, key: PackageKey<'_>, path: &str) -> Result<Download> {
        let [collection, id] = key.names();
        let mut names = vec![collection, id, "artifacts"];
        names.extend(path.split('/'));
        self.download(API, &names, "*/*").await
    }

    pub(crate) async fn download(
        &self,
        api: Api,
        names: &[&str],
        accept: &str,
    ) -> Result<Download> {
        Download::open(self, api, self.url(api, names)?, accept).await
    }
}
