//! Descriptor files without a package around them.

use std::collections::BTreeMap;

use crate::package::text_of;
use crate::tosca::{Files, TextError};

/// Descriptor files by path. Images and scripts that they name need not be there.
#[derive(Debug, Clone, Default)]
pub struct Texts(BTreeMap<String, Vec<u8>>);

impl<P: Into<String>, C: Into<Vec<u8>>> FromIterator<(P, C)> for Texts {
    fn from_iter<I: IntoIterator<Item = (P, C)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, content)| (path.into(), content.into())).collect())
    }
}

impl Files for Texts {
    fn paths(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }

    fn text(&mut self, path: &str) -> Result<String, TextError> {
        text_of(self.0.get(path).ok_or(TextError::Missing)?.clone())
    }

    fn is_whole(&self) -> bool {
        false
    }
}
