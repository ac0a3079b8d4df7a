//! The archive as it is written.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use windlass_model::{Clock, SystemClock};
use windlass_store::Schema;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The form of an archive that this program reads and writes.
pub const FORMAT: u32 = 1;
/// The part that tells of all others.
pub const MANIFEST: &str = "manifest.json";

/// What an archive says of itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    pub format: u32,
    /// The version that made it.
    pub windlass: String,
    pub made_at: DateTime<Utc>,
    pub databases: BTreeMap<String, Schema>,
    pub parts: Vec<Part>,
}

/// A part of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    pub name: String,
    pub size_bytes: u64,
    pub sha256: String,
}

/// An archive on its way into a file.
pub struct Archive {
    zip: ZipWriter<BufWriter<File>>,
    manifest: Manifest,
}

impl Archive {
    pub fn begin(file: File) -> Self {
        let manifest = Manifest {
            format: FORMAT,
            windlass: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: SystemClock.now(),
            databases: BTreeMap::new(),
            parts: Vec::new(),
        };
        Self { zip: ZipWriter::new(BufWriter::new(file)), manifest }
    }

    /// Notes which tables a program's database has.
    pub fn database(&mut self, program: &str, schema: Schema) {
        self.manifest.databases.insert(program.to_owned(), schema);
    }

    /// Adds what `write` writes.
    pub fn part(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Summed<&mut ZipWriter<BufWriter<File>>>) -> Result<()>,
    ) -> Result<()> {
        let about = || format!("cannot write {name}");
        self.zip.start_file(name, options()).with_context(about)?;
        let mut out = Summed::of(&mut self.zip);
        write(&mut out).with_context(about)?;
        let part = out.part(name);
        self.manifest.parts.push(part);
        Ok(())
    }

    /// Adds what there is to read.
    pub fn copy(&mut self, name: &str, from: &mut impl Read) -> Result<()> {
        self.part(name, |out| {
            io::copy(from, out)?;
            Ok(())
        })
    }

    /// The SHA-256 of the part that was added last.
    pub fn last_digest(&self) -> Option<&str> {
        self.manifest.parts.last().map(|part| part.sha256.as_str())
    }

    /// Adds the manifest; how many bytes all parts have.
    pub fn finish(mut self) -> Result<u64> {
        let manifest = serde_json::to_vec_pretty(&self.manifest)?;
        self.zip.start_file(MANIFEST, options())?;
        self.zip.write_all(&manifest)?;
        self.zip.finish()?.flush()?;
        Ok(self.manifest.parts.iter().map(|part| part.size_bytes).sum())
    }
}

/// How long a part will be is not known when it begins.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .unix_permissions(0o600)
        .large_file(true)
}

/// Counts and sums up what goes through it.
pub struct Summed<T> {
    inner: T,
    hasher: Sha256,
    size_bytes: u64,
}

impl<T> Summed<T> {
    pub fn of(inner: T) -> Self {
        Self { inner, hasher: Sha256::new(), size_bytes: 0 }
    }

    /// What has gone through, as a part of this name.
    pub fn part(self, name: &str) -> Part {
        let sum = self.hasher.finalize();
        let sha256 = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        Part { name: name.to_owned(), size_bytes: self.size_bytes, sha256 }
    }

    fn note(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.size_bytes += bytes.len() as u64;
    }
}

impl<T: Write> Write for Summed<T> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.note(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<T: Read> Read for Summed<T> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(bytes)?;
        self.note(&bytes[..count]);
        Ok(count)
    }
}
