//! A backup that takes the place of what is there.
//!
//! ```text
//!  look through ─▶ lock ─▶ blobs ─▶ both databases, in transactions ─▶ commit, commit ─▶ key
//!  nothing is touched │    taken back when anything fails            │ said by `restoring`
//! ```

use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;
use windlass_model::ImageDigest;
use windlass_packages::Blobs;
use windlass_store::Replacement;

use super::read::Whole;
use super::{BLOBS, KEY, PROGRAMS, Told, lines_of};
use crate::serve::data::DataDir;
use crate::serve::keeping::Keeping;

/// Puts a backup where a server can go on with it.
pub async fn restore(
    keeping: Keeping,
    key: Option<PathBuf>,
    file: PathBuf,
    replace: bool,
) -> Result<Told> {
    let looked = tokio::task::spawn_blocking(move || Whole::open(&file));
    let backup = looked.await??;
    let data = DataDir::take(&keeping)?;
    let key = key.unwrap_or_else(|| keeping.data.join(KEY));
    if !replace {
        refuse_what_is_there(&keeping, &key)?;
    }
    let blobs = data.blobs().await?;
    let target = Target { keeping, key, restoring: data.restoring(), blobs };
    let restored = tokio::task::spawn_blocking(move || target.take(backup)).await?;
    drop(data);
    restored
}

/// What is there is somebody's.
fn refuse_what_is_there(keeping: &Keeping, key: &Path) -> Result<()> {
    let mut there = Vec::new();
    for program in PROGRAMS {
        let location = keeping.location(program)?;
        if !location.is_empty()? {
            there.push(location.to_string());
        }
    }
    let content = keeping.blobs().join("sha256");
    let any =
        |folder: &Path| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some());
    if any(&content) {
        there.push(content.display().to_string());
    }
    if key.exists() {
        there.push(key.display().to_string());
    }
    if there.is_empty() {
        return Ok(());
    }
    bail!(
        "there is something already: {}; restore elsewhere, or throw it away with --replace",
        there.join(", ")
    )
}

/// Where a backup goes.
struct Target {
    keeping: Keeping,
    key: PathBuf,
    restoring: PathBuf,
    blobs: Blobs,
}

impl Target {
    fn take(self, mut backup: Whole) -> Result<Told> {
        let mut new_blobs = Vec::new();
        let prepared = self
            .put_blobs(&mut backup, &mut new_blobs)
            .and_then(|()| Ok((self.put_key(&mut backup)?, self.put_databases(&mut backup)?)));
        let (key, databases) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => {
                self.forget(&new_blobs);
                return Err(error);
            }
        };
        let told = Told {
            what: "restored to",
            where_to: self.keeping.data.display().to_string(),
            databases: databases.len(),
            blobs: backup.parts(BLOBS).len(),
            bytes: backup.manifest.parts.iter().map(|part| part.size_bytes).sum(),
        };
        self.settle(key, databases)?;
        Ok(told)
    }

    fn put_blobs(&self, backup: &mut Whole, new: &mut Vec<ImageDigest>) -> Result<()> {
        for name in backup.parts(BLOBS) {
            let digest: ImageDigest = name[BLOBS.len()..].parse()?;
            if !self.blobs.path(&digest).exists() {
                new.push(digest);
            }
            // Written anew also when it is there: what is new is not swept.
            let mut content = backup.part(&name)?;
            self.blobs.put_reader(&mut content, u64::MAX)?;
        }
        Ok(())
    }

    /// Nobody refers to them; when they cannot be removed, a server will do it.
    fn forget(&self, new_blobs: &[ImageDigest]) {
        for digest in new_blobs {
            let _swept_later = fs::remove_file(self.blobs.path(digest));
        }
    }

    fn put_key(&self, backup: &mut Whole) -> Result<Option<NamedTempFile>> {
        if backup.parts(KEY).is_empty() {
            return Ok(None);
        }
        let about = || format!("cannot write {}", self.key.display());
        let folder = self.key.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut draft =
            NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(about)?;
        std::io::copy(&mut backup.part(KEY)?, &mut draft).with_context(about)?;
        draft.as_file().sync_all().with_context(about)?;
        Ok(Some(draft))
    }

    fn put_databases(&self, backup: &mut Whole) -> Result<Vec<Replacement>> {
        let mut replacements = Vec::new();
        for program in PROGRAMS {
            let Some(schema) = backup.manifest.databases.get(program).cloned() else { continue };
            let lines = BufReader::new(backup.part(&lines_of(program))?);
            let location = self.keeping.location(program)?;
            let taken = Replacement::begin(&location, &schema, lines);
            replacements.push(taken.with_context(|| format!("cannot restore to {location}"))?);
        }
        Ok(replacements)
    }

    /// Whatever ends this in the middle leaves the mark, and no server starts on half of it.
    fn settle(&self, key: Option<NamedTempFile>, databases: Vec<Replacement>) -> Result<()> {
        let unsure = || {
            format!(
                "the restore into {} did not come to its end; run it again with --replace",
                self.keeping.data.display()
            )
        };
        self.mark().with_context(|| format!("cannot write {}", self.restoring.display()))?;
        for database in databases {
            database.commit().with_context(unsure)?;
        }
        if let Some(key) = key {
            key.persist(&self.key).with_context(unsure)?;
        }
        fs::remove_file(&self.restoring).with_context(unsure)
    }

    fn mark(&self) -> std::io::Result<()> {
        let mut mark = File::create(&self.restoring)?;
        mark.write_all(b"A restore replaces what is kept here.\n")?;
        mark.sync_all()?;
        File::open(&self.keeping.data)?.sync_all()
    }
}
