//! What changed and is not in the journal yet.

use crate::fact::Fact;

/// The facts of the visit that is under way, as the line that they become.
#[derive(Debug, Default)]
pub(crate) enum Diary {
    /// Nobody keeps this cloud.
    #[default]
    None,
    /// The line without its end; empty when nothing has changed.
    Line(Vec<u8>),
}

impl Diary {
    /// Adds a fact to the line.
    pub(crate) fn note(&mut self, fact: &Fact) {
        let Self::Line(line) = self else { return };
        line.push(if line.is_empty() { b'[' } else { b',' });
        // Facts are plain data, and a vector takes all bytes.
        let _written = serde_json::to_writer(line, fact);
    }

    /// The line, ended, when there is anything to tell; a new one begins.
    pub(crate) fn take(&mut self) -> Option<Vec<u8>> {
        let Self::Line(line) = self else { return None };
        if line.is_empty() {
            return None;
        }
        line.extend(b"]\n");
        Some(std::mem::take(line))
    }
}
