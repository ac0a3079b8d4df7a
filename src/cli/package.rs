//! `windlass package`: VNF packages.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use windlass_api::vnfpkgm::{
    CreateVnfPkgInfoRequest, PackageOnboardingState, PackageOperationalState, VnfPkgInfo,
};
use windlass_client::{ListOptions, PackageKey};

use super::context::Context;
use super::draw::{Cell, Grid, Page, Style, problem};
use super::outcome::Outcome;
use super::resolve::{Candidate, resolve};
use super::transfer::{self, CHECK_PERIOD};

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
        file: PathBuf,
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

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> anyhow::Result<Outcome> {
        let client = &context.nfvo;
        match self {
            Self::List => {
                let packages = client.package_list(&ListOptions::default()).await?;
                context.output.result(&packages, |style| table(&packages, style))?;
            }
            Self::Show { package } => {
                let id = find(context, &package).await?.id;
                let package = client.package_read(PackageKey::Id(&id)).await?;
                context.output.result(&package, |style| page(&package, style))?;
            }
            Self::Onboard { files, disabled } => return onboard(context, &files, !disabled).await,
            Self::Upload { package, file } => {
                let id = find(context, &package).await?.id;
                client.package_upload(&id, transfer::upload(&file).await?).await?;
                return conclude(context, &checked(context, &id).await?);
            }
            Self::Enable { package } => {
                set(context, &package, PackageOperationalState::Enabled).await?;
            }
            Self::Disable { package } => {
                set(context, &package, PackageOperationalState::Disabled).await?;
            }
            Self::Delete { packages, force } => delete(context, &packages, force).await?,
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
    let mut packages = context.nfvo.package_list(&ListOptions::default()).await?;
    let candidate = |package: &VnfPkgInfo| {
        let names = [&package.vnf_product_name, &package.vnfd_id];
        Candidate::new(&package.id, names.into_iter().flatten())
    };
    let id = resolve("package", wanted, packages.iter().map(candidate).collect())?;
    packages.retain(|package| package.id == id);
    Ok(packages.remove(0))
}

async fn onboard(context: &Context, files: &[PathBuf], enable: bool) -> anyhow::Result<Outcome> {
    let mut packages = Vec::new();
    for file in files {
        let package = onboard_one(context, file, enable).await?;
        if package.onboarding_state == PackageOnboardingState::Error {
            return conclude(context, &package);
        }
        context.output.note(&format!("{} is onboarded", product(&package)));
        packages.push(package);
    }
    context.output.result(&packages, |style| table(&packages, style))?;
    Ok(Outcome::Done)
}

async fn onboard_one(context: &Context, file: &Path, enable: bool) -> anyhow::Result<VnfPkgInfo> {
    // What cannot be read should leave nothing behind at the server.
    let content = transfer::upload(file).await?;
    let client = &context.nfvo;
    let id = client.package_create(&CreateVnfPkgInfoRequest::default()).await?.id;
    let package = match client.package_upload(&id, content).await {
        Ok(()) => checked(context, &id).await?,
        Err(error) => {
            // The identifier alone is of no use; the first error is the one to tell.
            let _ = client.package_delete(&id).await;
            return Err(error.into());
        }
    };
    if package.onboarding_state == PackageOnboardingState::Error {
        let _ = client.package_delete(&id).await;
        return Ok(package);
    }
    let wanted = match enable {
        true => PackageOperationalState::Enabled,
        false => PackageOperationalState::Disabled,
    };
    if package.operational_state == wanted {
        return Ok(package);
    }
    client.package_set_state(&id, wanted).await?;
    Ok(client.package_read(PackageKey::Id(&id)).await?)
}

/// The package once the server has read and checked it.
async fn checked(context: &Context, id: &str) -> anyhow::Result<VnfPkgInfo> {
    use PackageOnboardingState::{Error, Onboarded};
    loop {
        let package = context.nfvo.package_read(PackageKey::Id(id)).await?;
        if matches!(package.onboarding_state, Onboarded | Error) {
            return Ok(package);
        }
        tokio::time::sleep(CHECK_PERIOD).await;
    }
}

fn conclude(context: &Context, package: &VnfPkgInfo) -> anyhow::Result<Outcome> {
    if package.onboarding_state != PackageOnboardingState::Error {
        context.output.note(&format!("{} is onboarded", product(package)));
        return Ok(Outcome::Done);
    }
    let why = package.onboarding_failure_details.clone().unwrap_or_default();
    eprint!("{}", problem::draw(&why, &context.output.notes));
    Ok(Outcome::Failed)
}

async fn set(
    context: &Context,
    wanted: &str,
    state: PackageOperationalState,
) -> anyhow::Result<()> {
    let package = find(context, wanted).await?;
    context.nfvo.package_set_state(&package.id, state).await?;
    context.output.note(&format!("{} is {}", product(&package), state.as_str().to_lowercase()));
    Ok(())
}

async fn delete(context: &Context, wanted: &[String], force: bool) -> anyhow::Result<()> {
    for wanted in wanted {
        let package = find(context, wanted).await?;
        if force && package.operational_state == PackageOperationalState::Enabled {
            let disabled = PackageOperationalState::Disabled;
            context.nfvo.package_set_state(&package.id, disabled).await?;
        }
        context.nfvo.package_delete(&package.id).await?;
        context.output.note(&format!("{} is deleted", product(&package)));
    }
    Ok(())
}

fn product(package: &VnfPkgInfo) -> String {
    match (&package.vnf_product_name, &package.vnf_software_version) {
        (Some(name), Some(version)) => format!("package {name} {version}"),
        _ => format!("package {}", package.id),
    }
}

fn table(packages: &[VnfPkgInfo], style: &Style) -> String {
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

fn page(package: &VnfPkgInfo, style: &Style) -> String {
    let mut images = Grid::new(style, &["id", "name", "version", "format", "bytes", "path"]);
    for image in &package.software_images {
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
    for file in &package.additional_artifacts {
        let digest = format!("{} {}", file.checksum.algorithm, file.checksum.hash);
        files.row([Cell::maybe(file.artifact_path.as_ref()), Cell::from(digest)]);
    }
    let failure = package.onboarding_failure_details.as_ref();
    Page::new(style)
        .field("id", &package.id)
        .maybe("VNFD", package.vnfd_id.as_ref())
        .maybe("product", package.vnf_product_name.as_ref())
        .maybe("provider", package.vnf_provider.as_ref())
        .maybe("software", package.vnf_software_version.as_ref())
        .maybe("descriptor", package.vnfd_version.as_ref())
        .state("onboarding", package.onboarding_state)
        .state("state", package.operational_state)
        .state("usage", package.usage_state)
        .maybe("digest", package.checksum.as_ref().map(|sum| sum.hash.clone()))
        .table("Images", &images)
        .table("Files", &files)
        .text(
            "Why it was refused",
            &failure.map(|why| problem::draw(why, style)).unwrap_or_default(),
        )
        .draw()
}
