//! Packages and what is in them: content-addressed blobs, and onboarding.
//!
//! ```text
//!  upload ──▶ blob (the CSAR as it came) ──▶ checked and read ──▶ Onboarded
//!                                              └─ each image ──▶ a blob of its own
//! ```
//!
//! A blob is named by the SHA-256 of its content, so whatever is the same is stored once: a package
//! that is uploaded twice, and an image that ten packages bring. Images have blobs of their own so
//! that a download is a plain read of a file.
//!
//! **Architecture invariant:** this crate knows no database and no HTTP. What a package's state is,
//! and who may see it, is for the catalog's users to say.

mod blobs;
mod cache;
mod error;
mod onboarding;
mod packages;
mod stream;

pub use blobs::{Blob, BlobWriter, Blobs, Swept};
pub use error::{BlobError, PackagesError};
pub use onboarding::{Onboarded, PackagedFile, PackagedImage};
pub use packages::Packages;
pub use stream::ByteStream;
