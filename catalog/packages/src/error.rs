//! What can go wrong with packages.

use std::io;
use std::path::PathBuf;

use windlass_descriptors::{Finding, PackageError};
use windlass_model::ImageDigest;

/// Why a blob cannot be stored, or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such blob.
    #[error("there is no content with the digest {0}")]
    NoSuchBlob(ImageDigest),
    /// The content is larger than it may be.
    #[error("the content is larger than {limit_bytes} bytes")]
    TooBig {
        /// How large it may be.
        limit_bytes: u64,
    },
    /// The range is not inside the content.
    #[error("the range does not lie inside the {size_bytes} bytes of the content")]
    BadRange {
        /// How large the content is.
        size_bytes: u64,
    },
    /// Whoever sends the content stopped in the middle.
    #[error("the content broke off")]
    Source(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk is full.
    #[error("there is no room left for content in {path}")]
    DiskFull {
        /// The folder of the blobs.
        path: PathBuf,
    },
    /// The file system failed.
    #[error("{path} cannot be used")]
    Io {
        /// The file, or the folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The program is shutting down, or a write was abandoned half-way.
    #[error("the work was interrupted")]
    Interrupted,
}

impl BlobError {
    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        let path = path.into();
        if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) {
            return Self::DiskFull { path };
        }
        Self::Io { path, source }
    }
}

/// Why a package cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// Its content cannot be stored, or read.
    #[error(transparent)]
    Blob(#[from] BlobError),
    /// It is no package, or does not have the file.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Its descriptor has errors.
    #[error("the package has {} errors", .findings.iter().filter(|f| is_error(f)).count())]
    Refused {
        /// Everything that was noted, warnings too.
        findings: Vec<Finding>,
    },
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == windlass_descriptors::Severity::Error
}
