//! YAML as a tree in which every value knows where it stands and how it was written.
//!
//! Descriptors need the source text of scalars (version `1.10` is not the number 1.1), all findings of a
//! file at once, and places to point at. So the tree is composed from parser events, not deserialised.

mod node;
mod parse;
mod unit;

pub(crate) use node::{Entry, Key, Node, Value};
pub(crate) use parse::{parse, weight};
pub(crate) use unit::{NS_PER_MS, Unit};

/// No file of a descriptor is larger than this.
pub(crate) const MAX_TEXT_BYTES: usize = 4 << 20;

/// No single text in a descriptor is longer than this. What is belongs into a file of the package.
pub(crate) const MAX_SCALAR_BYTES: usize = 1 << 20;
