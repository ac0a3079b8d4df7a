//! TOSCA: files that import each other, types that derive from each other, and templates of those types.

mod check;
mod functions;
mod kind;
mod library;
mod load;
mod standard;
mod template;
mod topology;

pub(crate) use library::{Library, Section};
pub(crate) use load::{Document, Files, MAX_DOCUMENTS, TextError, is_yaml, load, resolve_path};
pub(crate) use standard::is_standard_file;
pub(crate) use template::{Artifact, Policy, Template, artifact_path, artifacts};
pub(crate) use topology::{Inputs, Topology};
