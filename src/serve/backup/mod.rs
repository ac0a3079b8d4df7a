//! `windlass backup` and `windlass restore`: everything that is kept, as one file.
//!
//! ```text
//!  nfvo.jsonl, vnfm.jsonl   the databases, whichever kind they were
//!  key                      what the secrets in them are sealed with, if there is one
//!  blobs/DIGEST             packages and images
//!  manifest.json            versions, and the SHA-256 of each of the above
//! ```
//! The file is a ZIP archive. It is complete or not there at all, and as secret as what it is of.

mod archive;
mod read;
mod restore;

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;
use windlass_model::ImageDigest;
use windlass_packages::Blobs;
use windlass_store::Snapshot;

use super::keeping::Keeping;
use archive::Archive;

pub use restore::restore;

/// Whose databases there are, in the order in which they are held on to.
///
/// Both moments are taken before anything is copied, so they are next to each other; the NFVO's
/// comes first. What it has asked the VNFM for since is unknown to it then, as after a crash
/// between a step and its line in the log: it asks again, and finds what the first attempt made.
/// The other way round it would build on VNFs that the VNFM has never heard of. What it may miss
/// instead is the room of a VNF whose operation ended in between; the next operation of that VNF
/// tells it.
const PROGRAMS: [&str; 2] = ["nfvo", "vnfm"];

/// The part of a program's database.
fn lines_of(program: &str) -> String {
    format!("{program}.jsonl")
}

const KEY: &str = "key";
const BLOBS: &str = "blobs/";

/// What a backup has.
#[derive(Debug)]
pub struct Told {
    what: &'static str,
    where_to: String,
    databases: usize,
    blobs: usize,
    bytes: u64,
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, where_to, databases, blobs, bytes } = self;
        write!(f, "{what} {where_to}: databases {databases}, packages and images {blobs}, ")?;
        write!(f, "bytes {bytes}")
    }
}

/// Writes everything that is kept into a file.
pub async fn back_up(keeping: Keeping, key: Option<PathBuf>, file: PathBuf) -> Result<Told> {
    if file.exists() {
        bail!("{} exists; choose another name, or remove it first", file.display());
    }
    let snapshots = tokio::task::spawn_blocking({
        let keeping = keeping.clone();
        move || snapshots(&keeping)
    });
    let snapshots = snapshots.await??;
    let blobs = keeping.blobs();
    let blobs =
        Blobs::open(&blobs).await.with_context(|| format!("cannot use {}", blobs.display()))?;
    let key = key.unwrap_or_else(|| keeping.data.join(KEY));
    tokio::task::spawn_blocking(move || write(snapshots, &blobs, &key, &file)).await?
}

fn snapshots(keeping: &Keeping) -> Result<Vec<(&'static str, Snapshot)>> {
    let mut snapshots = Vec::new();
    for program in PROGRAMS {
        let location = keeping.location(program)?;
        if !location.is_empty()? {
            snapshots.push((program, Snapshot::take(&location)?));
        }
    }
    if snapshots.is_empty() {
        bail!("there is nothing to back up: no database is in {}", keeping.data.display());
    }
    Ok(snapshots)
}

fn write(
    snapshots: Vec<(&'static str, Snapshot)>,
    blobs: &Blobs,
    key: &Path,
    file: &Path,
) -> Result<Told> {
    let cannot = || format!("cannot write {}", file.display());
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    // It can be read by its owner alone, as everything that is made like this.
    let draft = NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(cannot)?;
    let mut archive = Archive::begin(draft.as_file().try_clone().with_context(cannot)?);
    let databases = snapshots.len();
    let mut contents = BTreeSet::new();
    for (program, mut snapshot) in snapshots {
        contents.extend(snapshot.contents()?.into_iter().map(|content| content.digest));
        archive.database(program, snapshot.schema().clone());
        archive.part(&lines_of(program), |out| Ok(snapshot.dump(out)?))?;
    }
    match File::open(key) {
        Ok(mut key) => archive.copy(KEY, &mut key)?,
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", key.display())),
    }
    for digest in &contents {
        copy_blob(&mut archive, blobs, digest)?;
    }
    let bytes = archive.finish().with_context(cannot)?;
    draft.as_file().sync_all().with_context(cannot)?;
    draft.persist_noclobber(file).with_context(cannot)?;
    let where_to = file.display().to_string();
    Ok(Told { what: "backed up to", where_to, databases, blobs: contents.len(), bytes })
}

fn copy_blob(archive: &mut Archive, blobs: &Blobs, digest: &ImageDigest) -> Result<()> {
    let path = blobs.path(digest);
    let mut blob = match File::open(&path) {
        Ok(blob) => blob,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("the content {} was removed while the backup was made; try again", digest.hex())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    archive.copy(&format!("{BLOBS}{}", digest.hex()), &mut blob)?;
    if archive.last_digest() != Some(digest.hex()) {
        bail!("{} is damaged: its content is not what its name says", path.display());
    }
    Ok(())
}
