//! What a service is: TOSCA descriptors (SOL001) and their packages (SOL004, SOL007) as typed values.
//!
//! Open a [`Package`], read it with [`read_vnf_package`] or [`read_nsd_archive`]: the [`Reading`] has the
//! [`Vnfd`](vnfd::Vnfd) or [`Nsd`](nsd::Nsd) when there are no errors, and every [`Finding`] on the way,
//! which [`render`] draws.
//!
//! ```text
//! package/   zip archive, bounded -> files, digests, signature
//! yaml/      text -> tree with places
//! tosca/     trees -> types and templates, checked against each other
//! read/      templates -> vnfd/ and nsd/, the values that the rest of the project uses
//! ```

mod finding;
pub mod names;
pub mod nsd;
pub mod package;
mod read;
mod render;
mod suggest;
mod tosca;
pub mod vnfd;
mod yaml;

pub use finding::{ByteSpan, Code, Finding, Severity, Sources};
pub use package::{Package, PackageError, TrustAnchors};
pub use read::{
    Descriptor, Reading, Texts, read_any, read_nsd_archive, read_nsd_texts, read_vnf_package,
    read_vnfd_texts, reread_nsd_archive, reread_vnf_package,
};
pub use render::{Style, render, summary};
