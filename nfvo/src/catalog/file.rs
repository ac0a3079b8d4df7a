//! Files of packages and archives on their way out.

use std::ops::Range;

use serde_json::Value;
use windlass_descriptors::PackageError;
use windlass_model::ImageDigest;
use windlass_model::package::OnboardingState;
use windlass_packages::{ByteStream, PackagesError};
use windlass_store::{Content, Onboarding};

use super::entry::Entry;
use crate::error::{Error, Result};
use crate::nfvo::Core;

/// The longest descriptor file that is served.
const TEXT_LIMIT_BYTES: u64 = 16 << 20;

/// Content that is served: any part of it can be read.
#[derive(Debug)]
pub(crate) struct Served {
    from: Place,
    /// How long it is.
    pub size_bytes: u64,
    /// What it is: other content has another tag.
    pub tag: String,
}

#[derive(Debug)]
enum Place {
    Blob(ImageDigest),
    Package { digest: ImageDigest, path: String },
}

/// A descriptor as it is served.
#[derive(Debug)]
pub(crate) struct Described {
    /// The YAML files and what leads to them, by their paths.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Described {
    /// The only YAML file, when there is only one.
    pub fn single(&self) -> Option<&[u8]> {
        let mut yaml = self.files.iter().filter(|(path, _)| is_yaml(path));
        let (_, content) = yaml.next()?;
        yaml.next().is_none().then_some(content)
    }
}

impl Served {
    fn blob(content: &Content) -> Self {
        let (from, tag) = (Place::Blob(content.digest.clone()), content.digest.hex().to_owned());
        Self { from, size_bytes: content.size_bytes, tag }
    }

    /// Opens it, or a part of it.
    pub async fn open(self, core: &Core, range: Option<Range<u64>>) -> Result<ByteStream> {
        match self.from {
            Place::Blob(digest) => Ok(core.packages.blobs().read(&digest, range).await?),
            Place::Package { digest, path } => {
                core.packages.file(&digest, &path, range).await.map_err(about_file)
            }
        }
    }
}

/// The whole content, as it was uploaded.
pub(crate) fn content<T: Entry>(entry: &T) -> Result<Served> {
    Ok(Served::blob(onboarded::<T>(entry.onboarding())?))
}

/// The descriptor of an entry.
pub(crate) async fn described<T: Entry>(core: &Core, entry: &T) -> Result<Described> {
    let digest = &onboarded::<T>(entry.onboarding())?.digest;
    let mut files = Vec::new();
    for path in definitions(entry).filter(|path| is_yaml(path) || is_meta(path)) {
        files.push((path.to_owned(), text(core, digest, path).await?));
    }
    Ok(Described { files })
}

/// The manifest of an entry.
pub(crate) async fn manifest<T: Entry>(core: &Core, entry: &T) -> Result<Vec<u8>> {
    let digest = &onboarded::<T>(entry.onboarding())?.digest;
    let others = entry.artifacts().iter().map(|artifact| artifact.path.as_str());
    let path = definitions(entry).chain(others).find(|path| path.ends_with(".mf"));
    let path = path.ok_or_else(|| Error::not_found("manifest of", &entry.id()))?;
    text(core, digest, path).await
}

/// The files that the descriptor was read from.
fn definitions<T: Entry>(entry: &T) -> impl Iterator<Item = &str> {
    let definitions = entry.descriptor().get("definitions").and_then(Value::as_array);
    definitions.into_iter().flatten().filter_map(Value::as_str)
}

/// A file of an entry. A software image is a blob of its own.
pub(crate) async fn artifact<T: Entry>(core: &Core, entry: &T, path: &str) -> Result<Served> {
    let package = onboarded::<T>(entry.onboarding())?;
    let image = entry.images().iter().find(|image| image.path == path);
    if let Some(content) = image.and_then(|image| image.content.as_ref()) {
        return Ok(Served::blob(content));
    }
    let digest = package.digest.clone();
    let known = entry.artifacts().iter().find(|artifact| artifact.path == path);
    // A file of a package is the same as long as the package is.
    let (size_bytes, tag) = match known {
        Some(artifact) => (artifact.size_bytes, artifact.digest.hex().to_owned()),
        None => {
            let size = core.packages.file_size(&digest, path).await.map_err(about_file)?;
            (size, digest.hex().to_owned())
        }
    };
    Ok(Served { from: Place::Package { digest, path: path.to_owned() }, size_bytes, tag })
}

async fn text(core: &Core, package: &ImageDigest, path: &str) -> Result<Vec<u8>> {
    let stream = core.packages.file(package, path, None).await.map_err(about_file)?;
    let text = stream.collect(TEXT_LIMIT_BYTES).await;
    text.map_err(|error| Error::broken("read a file of the package", error))
}

fn about_file(error: PackagesError) -> Error {
    match error {
        PackagesError::Package(PackageError::NoSuchFile { path }) => {
            Error::NotFound { what: "artifact", id: path }
        }
        PackagesError::Blob(error) => error.into(),
        other @ (PackagesError::Package(_) | PackagesError::Refused { .. }) => {
            Error::broken("read a file of the package", other)
        }
    }
}

fn onboarded<T: Entry>(onboarding: &Onboarding) -> Result<&Content> {
    let content = onboarding.content.as_ref();
    let content = content.filter(|_| onboarding.state == OnboardingState::Onboarded);
    content.ok_or_else(|| Error::Conflict(format!("the {} has no onboarded content", T::NOUN)))
}

fn is_yaml(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.ends_with(".yaml") || path.ends_with(".yml")
}

fn is_meta(path: &str) -> bool {
    path.ends_with(".meta")
}
