//! The manifest: what the package is, and the digest of each file.

use std::collections::BTreeMap;

use super::blocks::{self, BadLine, Line};

/// Where the signature of a manifest starts.
const SIGNATURE_MARKS: [&str; 2] = ["-----BEGIN CMS-----", "-----BEGIN PKCS7-----"];

/// What a manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Product, provider, versions and dates, by key.
    pub metadata: BTreeMap<String, String>,
    /// The digest of each file.
    pub digests: Vec<FileDigest>,
    /// Sets of files that are not for the orchestrator, with their sources.
    pub non_mano_artifact_sets: BTreeMap<String, Vec<String>>,
    /// The CMS signature, in PEM.
    pub(super) signature: Option<String>,
    /// What is signed: all before the signature.
    pub(super) signed: String,
    pub(super) bad: Vec<BadLine>,
}

/// The digest of a file, as a manifest or TOSCA.meta states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// The file's path in the package, or a URL.
    pub source: String,
    /// The name of the algorithm, as written.
    pub algorithm: String,
    /// In hexadecimal, as written.
    pub hash: String,
    pub(super) line: u32,
}

impl Manifest {
    pub(super) fn parse(text: &str) -> Self {
        let start = SIGNATURE_MARKS.iter().filter_map(|mark| text.find(mark)).min();
        let (signed, signature) = text.split_at(start.unwrap_or(text.len()));
        let parsed = blocks::parse(signed);
        let mut manifest = Self {
            signature: start.map(|_| signature.to_owned()),
            signed: signed.to_owned(),
            bad: parsed.bad,
            ..Self::default()
        };
        // A set's name stands one step left of its files, in blocks of their own or not.
        let mut set: Option<String> = None;
        let mut in_sets = false;
        for block in parsed.blocks {
            for line in &block {
                match line.key.as_str() {
                    "metadata" => in_sets = false,
                    "non_mano_artifact_sets" => in_sets = true,
                    key if in_sets && line.value.is_empty() => set = Some(key.to_owned()),
                    "Source" if in_sets && line.indent > 0 => {
                        let name = set.clone().unwrap_or_default();
                        let sources = manifest.non_mano_artifact_sets.entry(name).or_default();
                        sources.push(line.value.clone());
                    }
                    _ => {}
                }
            }
            if blocks::value(&block, "metadata").is_some() {
                manifest.metadata.extend(metadata(&block));
            }
            manifest.digests.extend(file_digests(&block));
        }
        manifest
    }

    /// Whether the manifest is signed.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signature.is_some()
    }
}

/// Metadata are the indented lines below `metadata:`, or all others of its block.
fn metadata(block: &[Line]) -> impl Iterator<Item = (String, String)> {
    let is_file = |key: &str| ["Source", "Algorithm", "Hash"].contains(&key);
    let lines = block.iter().filter(move |line| line.key != "metadata" && !is_file(&line.key));
    lines.map(|line| (line.key.clone(), line.value.clone()))
}

/// A block holds one file, or several one after the other.
fn file_digests(block: &[Line]) -> Vec<FileDigest> {
    let starts: Vec<usize> = (0..block.len()).filter(|i| block[*i].key == "Source").collect();
    let ends = starts.iter().skip(1).copied().chain([block.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| file_digest(&block[*start..end], "Source"))
        .collect()
}

pub(super) fn file_digest(block: &[Line], name: &str) -> Option<FileDigest> {
    let source = blocks::value(block, name)?;
    Some(FileDigest {
        source: source.value.clone(),
        algorithm: blocks::value(block, "Algorithm")?.value.clone(),
        hash: blocks::value(block, "Hash")?.value.clone(),
        line: source.number,
    })
}
