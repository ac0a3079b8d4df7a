//! `TOSCA-Metadata/TOSCA.meta`: where reading starts.

use std::collections::BTreeMap;

use super::blocks::{self, BadLine};
use super::manifest::{FileDigest, file_digest};

pub(crate) const PATH: &str = "TOSCA-Metadata/TOSCA.meta";

/// What TOSCA.meta says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToscaMeta {
    /// The first block: keys and values.
    pub main: BTreeMap<String, String>,
    /// Blocks about single files (`Name: ...`): keys and values.
    pub files: Vec<BTreeMap<String, String>>,
    pub(super) digests: Vec<FileDigest>,
    pub(super) bad: Vec<BadLine>,
}

impl ToscaMeta {
    pub(crate) fn parse(text: &str) -> Self {
        let parsed = blocks::parse(text);
        let mut meta = Self { bad: parsed.bad, ..Self::default() };
        for block in parsed.blocks {
            let values = block.iter().map(|line| (line.key.clone(), line.value.clone())).collect();
            if blocks::value(&block, "Name").is_some() {
                meta.digests.extend(file_digest(&block, "Name"));
                meta.files.push(values);
            } else {
                meta.main.extend(values);
            }
        }
        meta
    }

    /// A value of the first block. Case does not count.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let found = self.main.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The file that reading starts from.
    #[must_use]
    pub fn entry_definitions(&self) -> Option<&str> {
        self.get("Entry-Definitions")
    }

    /// The manifest. Older releases leave `ETSI-` out.
    #[must_use]
    pub fn entry_manifest(&self) -> Option<String> {
        self.get("ETSI-Entry-Manifest").or_else(|| self.get("Entry-Manifest")).map(str::to_owned)
    }

    /// The certificate of whoever signed the manifest.
    #[must_use]
    pub fn entry_certificate(&self) -> Option<String> {
        self.get("ETSI-Entry-Certificate")
            .or_else(|| self.get("Entry-Certificate"))
            .map(str::to_owned)
    }
}
