//! An archive that is whole.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use zip::ZipArchive;
use zip::read::ZipFile;

use super::archive::{FORMAT, MANIFEST, Manifest, Part, Summed};
use super::{BLOBS, PROGRAMS, lines_of};

/// More than any manifest has.
const MANIFEST_LIMIT_BYTES: u64 = 64 << 20;

/// An archive that was looked through from end to end: it is whole, and this Windlass can use it.
pub struct Whole {
    zip: ZipArchive<BufReader<File>>,
    pub manifest: Manifest,
}

impl Whole {
    /// Looks through a file.
    pub fn open(file: &Path) -> Result<Self> {
        let name = file.display();
        let opened = File::open(file).with_context(|| format!("cannot read {name}"))?;
        let zip = ZipArchive::new(BufReader::new(opened));
        let mut zip = zip.map_err(|error| damaged(&error)).with_context(|| name.to_string())?;
        let manifest = manifest(&mut zip).with_context(|| name.to_string())?;
        let mut whole = Self { zip, manifest };
        whole.check().with_context(|| name.to_string())?;
        Ok(whole)
    }

    /// What a part holds.
    pub fn part(&mut self, name: &str) -> Result<ZipFile<'_, BufReader<File>>> {
        Ok(self.zip.by_name(name)?)
    }

    /// The names of the parts that begin like this.
    pub fn parts(&self, prefix: &str) -> Vec<String> {
        let names = self.manifest.parts.iter().map(|part| part.name.clone());
        names.filter(|name| name.starts_with(prefix)).collect()
    }

    fn check(&mut self) -> Result<()> {
        for (program, schema) in &self.manifest.databases {
            schema.check()?;
            let lines = lines_of(program);
            if !PROGRAMS.contains(&program.as_str()) || self.parts(&lines).is_empty() {
                bail!("it is damaged: the database {program} cannot be used");
            }
        }
        if self.manifest.databases.is_empty() || self.zip.len() != self.manifest.parts.len() + 1 {
            bail!("it is damaged: it does not hold what its {MANIFEST} says");
        }
        for part in self.manifest.parts.clone() {
            self.check_part(&part).with_context(|| format!("it is damaged: {}", part.name))?;
        }
        Ok(())
    }

    fn check_part(&mut self, part: &Part) -> Result<()> {
        let mut summed = Summed::of(self.zip.by_name(&part.name)?);
        io::copy(&mut summed, &mut io::sink())?;
        let found = summed.part(&part.name);
        let is_blob = part.name.strip_prefix(BLOBS);
        if found != *part || is_blob.is_some_and(|digest| digest != found.sha256) {
            bail!("its SHA-256 is not what {MANIFEST} says");
        }
        Ok(())
    }
}

fn manifest(zip: &mut ZipArchive<BufReader<File>>) -> Result<Manifest> {
    let entry = zip.by_name(MANIFEST).map_err(|error| damaged(&error))?;
    let mut text = Vec::new();
    let read = entry.take(MANIFEST_LIMIT_BYTES).read_to_end(&mut text);
    read.map_err(|error| damaged(&error))?;
    let form: serde_json::Value = serde_json::from_slice(&text).map_err(|error| damaged(&error))?;
    if form["format"].as_u64().is_some_and(|format| format > u64::from(FORMAT)) {
        let theirs = form["windlass"].as_str().unwrap_or("of another version");
        bail!(
            "the backup was made by Windlass {theirs}, which is newer than this Windlass {}: \
             restore it with that one",
            env!("CARGO_PKG_VERSION")
        );
    }
    serde_json::from_value(form).map_err(|error| damaged(&error))
}

fn damaged(error: &dyn std::error::Error) -> anyhow::Error {
    anyhow!("it is damaged, or no backup of Windlass: {error}")
}
