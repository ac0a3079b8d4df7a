//! Why content was refused, as ProblemDetails with every finding.

use serde_json::{Value, json};
use windlass_api::common::ProblemDetails;
use windlass_descriptors::{Finding, Severity};
use windlass_packages::{BlobError, PackagesError};

use crate::error::Error;

/// Why content was refused: what `onboardingFailureDetails` tells.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal(pub ProblemDetails);

impl Refusal {
    /// Content that is sound in itself and does not fit what is here.
    pub fn unfit(detail: impl Into<String>) -> Self {
        Self(ProblemDetails::new(422, detail).with_title("The content does not fit the catalog"))
    }

    /// Content that did not arrive.
    pub fn interrupted(detail: impl Into<String>) -> Self {
        Self(ProblemDetails::new(400, detail).with_title("The upload broke off"))
    }

    /// Content that could not be fetched.
    pub fn not_fetched(detail: impl Into<String>) -> Self {
        Self(ProblemDetails::new(503, detail).with_title("The content could not be fetched"))
    }

    /// Content that could not be stored.
    pub fn of_blob(error: &BlobError) -> Self {
        let status = match error {
            BlobError::TooBig { .. } => 413,
            BlobError::DiskFull { .. } => 507,
            BlobError::Source(_) => {
                return Self::interrupted("the content did not arrive whole; send it again");
            }
            BlobError::NoSuchBlob(_)
            | BlobError::BadRange { .. }
            | BlobError::Io { .. }
            | BlobError::Interrupted => 500,
        };
        let told = if let BlobError::DiskFull { .. } = error {
            "make room on the server's disk, and send it again".to_owned()
        } else {
            chain(error)
        };
        Self(ProblemDetails::new(status, told).with_title("The content could not be stored"))
    }

    /// As the record keeps it.
    pub fn to_value(&self) -> Value {
        serde_json::to_value(&self.0).unwrap_or_else(|_| json!({ "detail": self.0.detail }))
    }

    fn of_findings(findings: &[Finding]) -> Self {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
        let first = errors.clone().next().map_or_else(String::new, ToString::to_string);
        let detail = match errors.count() {
            0 | 1 => first,
            count => format!("{first}; and {} more errors", count - 1),
        };
        let list = serde_json::to_value(findings).unwrap_or_default();
        Self(
            ProblemDetails::new(422, detail)
                .with_title("The descriptor has errors")
                .with_extension("findings", list),
        )
    }
}

impl From<PackagesError> for Refusal {
    fn from(error: PackagesError) -> Self {
        match error {
            PackagesError::Refused { findings } => Self::of_findings(&findings),
            PackagesError::Package(error) => Self(
                ProblemDetails::new(422, chain(&error)).with_title("The package cannot be read"),
            ),
            PackagesError::Blob(error) => Error::from(error).into(),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(ProblemDetails::new(error.status(), chain(&error)))
    }
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::TooBig { limit_bytes } => Self::TooLarge { limit_bytes },
            BlobError::BadRange { size_bytes } => Self::Range { size_bytes },
            BlobError::DiskFull { .. } => Self::NoRoom,
            BlobError::Source(_) => Self::Malformed(chain(&error)),
            BlobError::NoSuchBlob(_) | BlobError::Io { .. } | BlobError::Interrupted => {
                Self::broken("use the blobs", error)
            }
        }
    }
}

/// An error with its causes, for people.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    windlass_lcm::StepError::from_chain(0, error).detail
}
