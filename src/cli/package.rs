//! `windlass package`: VNF packages.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use windlass_api::common::{ClientCredentialsParams, Secret};
use windlass_api::vnfpkgm::{
    CreateVnfPkgInfoRequest, PackageFetchAuthType, PackageOnboardingState, PackageOperationalState,
    UploadVnfPackageFromUriRequest, VnfPkgInfo,
};
use windlass_client::{Client, ListOptions, PackageKey, Result, Upload};

use super::catalog::{self, Entry, Facts};
use super::context::Context;
use super::draw::{Cell, Grid, Page, Style, problem};
use super::outcome::Outcome;
use super::transfer;

/// What can be asked of packages.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List packages
    List,
    /// Show a package with its images and files
    Show {
        /// The package
        package: String,
    },
    /// Make packages known: create, upload, wait until checked, enable
    Onboard {
        /// Packages (CSAR, zip), or folders that become packages on the way
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Do not allow new VNFs to be made of them yet
        #[arg(long)]
        disabled: bool,
    },
    /// Upload the content of a package that has none, or whose content was refused
    Upload {
        /// The package
        package: String,
        /// A package, or a folder
        #[arg(required_unless_present = "from_uri")]
        file: Option<PathBuf>,
        #[command(flatten)]
        elsewhere: Elsewhere,
    },
    /// Allow new VNFs to be made of a package
    Enable {
        /// The package
        package: String,
    },
    /// Allow no new VNFs to be made of a package
    Disable {
        /// The package
        package: String,
    },
    /// Delete packages
    Delete {
        /// The packages
        #[arg(required = true, value_name = "PACKAGE")]
        packages: Vec<String>,
        /// Disable them first
        #[arg(long)]
        force: bool,
    },
    /// Print the VNFD of a package
    Vnfd {
        /// The package
        package: String,
        /// Where to put it, instead of printing it
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
    },
    /// Download a package as it was uploaded, or one of its files
    Download {
        /// The package
        package: String,
        /// One file of the package, by its path in it
        #[arg(long, value_name = "PATH")]
        artifact: Option<String>,
        /// Where to put it
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
    },
}

/// A package on a server that the NFVO is to fetch it from.
#[derive(Debug, Args)]
pub struct Elsewhere {
    /// Let the NFVO fetch the package from there
    #[arg(long, value_name = "URI", conflicts_with = "file")]
    from_uri: Option<String>,
    /// User at that server, or client id at the token endpoint
    #[arg(long, value_name = "NAME", requires = "from_uri", requires = "fetch_password")]
    user: Option<String>,
    /// Password of that user, or secret of that client
    #[arg(long, env = "WINDLASS_FETCH_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    fetch_password: Option<Password>,
    /// Where a token for that server is to be had (OAuth 2 client credentials)
    #[arg(long, value_name = "URI", requires = "user")]
    token_endpoint: Option<String>,
}

/// A password that shows itself to nobody.
#[derive(Debug, Clone)]
struct Password(Secret);

impl From<String> for Password {
    fn from(password: String) -> Self {
        Self(Secret(password))
    }
}

impl Elsewhere {
    fn request(self) -> UploadVnfPackageFromUriRequest {
        let address_information = self.from_uri.unwrap_or_default();
        let anybody = UploadVnfPackageFromUriRequest { address_information, ..Default::default() };
        let (Some(user), Some(Password(password))) = (self.user, self.fetch_password) else {
            return anybody;
        };
        let Some(token_endpoint) = self.token_endpoint else {
            let (user_name, password) = (Some(user), Some(password));
            return UploadVnfPackageFromUriRequest { user_name, password, ..anybody };
        };
        let params =
            ClientCredentialsParams { client_id: user, client_password: password, token_endpoint };
        UploadVnfPackageFromUriRequest {
            auth_type: Some(PackageFetchAuthType::Oauth2ClientCredentials),
            params_oauth2_client_credentials: Some(params),
            ..anybody
        }
    }
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> anyhow::Result<Outcome> {
        let client = &context.nfvo;
        match self {
            Self::List => catalog::list::<VnfPkgInfo>(context).await?,
            Self::Show { package } => catalog::show::<VnfPkgInfo>(context, &package).await?,
            Self::Onboard { files, disabled } => {
                return catalog::onboard::<VnfPkgInfo>(context, &files, !disabled).await;
            }
            Self::Upload { package, file: Some(file), .. } => {
                return catalog::upload::<VnfPkgInfo>(context, &package, &file).await;
            }
            Self::Upload { package, file: None, elsewhere } => {
                let id = find(context, &package).await?.id;
                client.package_upload_from_uri(&id, &elsewhere.request()).await?;
                return Ok(catalog::await_check::<VnfPkgInfo>(context, &id).await?);
            }
            Self::Enable { package } => {
                catalog::set_enabled::<VnfPkgInfo>(context, &package, true).await?;
            }
            Self::Disable { package } => {
                catalog::set_enabled::<VnfPkgInfo>(context, &package, false).await?;
            }
            Self::Delete { packages, force } => {
                catalog::delete::<VnfPkgInfo>(context, &packages, force).await?;
            }
            Self::Vnfd { package, into } => {
                let id = find(context, &package).await?.id;
                let vnfd = client.package_vnfd(PackageKey::Id(&id)).await?;
                transfer::download(context, vnfd, into).await?;
            }
            Self::Download { package, artifact, into } => {
                let id = find(context, &package).await?.id;
                let key = PackageKey::Id(&id);
                let content = match artifact {
                    Some(path) => client.package_artifact(key, &path).await?,
                    None => client.package_content(key).await?,
                };
                transfer::download(context, content, into).await?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// The package that somebody means, by id, VNFD id or product name.
pub async fn find(context: &Context, wanted: &str) -> anyhow::Result<VnfPkgInfo> {
    catalog::find(context, wanted).await
}

impl Entry for VnfPkgInfo {
    const NOUN: &'static str = "package";

    async fn list(client: &Client) -> Result<Vec<Self>> {
        client.package_list(&ListOptions::default()).await
    }

    async fn create(client: &Client) -> Result<Self> {
        client.package_create(&CreateVnfPkgInfoRequest::default()).await
    }

    async fn read(client: &Client, id: &str) -> Result<Self> {
        client.package_read(PackageKey::Id(id)).await
    }

    async fn upload(client: &Client, id: &str, content: Upload) -> Result<()> {
        client.package_upload(id, content).await
    }

    async fn set_enabled(client: &Client, id: &str, enabled: bool) -> Result<()> {
        use PackageOperationalState::{Disabled, Enabled};
        client.package_set_state(id, if enabled { Enabled } else { Disabled }).await
    }

    async fn delete(client: &Client, id: &str) -> Result<()> {
        client.package_delete(id).await
    }

    fn facts(&self) -> Facts<'_> {
        use PackageOnboardingState::{Error, Onboarded};
        Facts {
            id: &self.id,
            descriptor_id: self.vnfd_id.as_deref(),
            name: self.vnf_product_name.as_deref(),
            version: self.vnf_software_version.as_deref(),
            enabled: self.operational_state == PackageOperationalState::Enabled,
            checked: matches!(self.onboarding_state, Onboarded | Error),
            refused: self.onboarding_state == Error,
            failure: self.onboarding_failure_details.as_ref(),
        }
    }

    fn table(packages: &[Self], style: &Style) -> String {
        let headings = ["id", "product", "version", "provider", "onboarding", "state", "usage"];
        let mut grid = Grid::new(style, &headings);
        for package in packages {
            grid.row([
                Cell::id(&package.id),
                Cell::maybe(package.vnf_product_name.as_ref()),
                Cell::maybe(package.vnf_software_version.as_ref()),
                Cell::maybe(package.vnf_provider.as_ref()),
                Cell::state(package.onboarding_state),
                Cell::state(package.operational_state),
                Cell::state(package.usage_state),
            ]);
        }
        grid.to_string()
    }

    fn page(&self, style: &Style) -> String {
        let mut images = Grid::new(style, &["id", "name", "version", "format", "bytes", "path"]);
        for image in &self.software_images {
            images.row([
                Cell::from(&image.id),
                Cell::from(&image.name),
                Cell::from(&image.version),
                Cell::from(image.disk_format),
                Cell::from(image.size),
                Cell::maybe(image.image_path.as_ref()),
            ]);
        }
        let mut files = Grid::new(style, &["path", "digest"]);
        for file in &self.additional_artifacts {
            let digest = format!("{} {}", file.checksum.algorithm, file.checksum.hash);
            files.row([Cell::maybe(file.artifact_path.as_ref()), Cell::from(digest)]);
        }
        let failure = self.onboarding_failure_details.as_ref();
        Page::new(style)
            .field("id", &self.id)
            .maybe("VNFD", self.vnfd_id.as_ref())
            .maybe("product", self.vnf_product_name.as_ref())
            .maybe("provider", self.vnf_provider.as_ref())
            .maybe("software", self.vnf_software_version.as_ref())
            .maybe("descriptor", self.vnfd_version.as_ref())
            .state("onboarding", self.onboarding_state)
            .state("state", self.operational_state)
            .state("usage", self.usage_state)
            .maybe("digest", self.checksum.as_ref().map(|sum| sum.hash.clone()))
            .table("Images", &images)
            .table("Files", &files)
            .text(
                "Why it was refused",
                &failure.map(|why| problem::draw(why, style)).unwrap_or_default(),
            )
            .draw()
    }
}
