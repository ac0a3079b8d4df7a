//! The data directory: one server at a time works in it.

use std::fs::{File, TryLockError};
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use uuid::Uuid;
use windlass_notify::Key;
use windlass_packages::Blobs;
use windlass_store::Store;

use super::keeping::{Keeping, open_store};

/// A data directory that is ours until this is dropped.
#[derive(Debug)]
pub struct DataDir {
    keeping: Keeping,
    /// What tells this directory from all others.
    id: String,
    _lock: File,
}

impl DataDir {
    /// Makes the directory when it is missing, and takes it for a server.
    ///
    /// Whoever holds it may take over the leases of an earlier process at once: that one is gone.
    pub fn open(keeping: &Keeping) -> Result<Self> {
        let data = Self::take(keeping)?;
        if data.restoring().exists() {
            bail!(
                "a restore into {} did not come to its end; run it again with --replace",
                keeping.data.display()
            );
        }
        Ok(data)
    }

    /// Makes the directory when it is missing, and takes it, whatever state it is in.
    pub fn take(keeping: &Keeping) -> Result<Self> {
        let path = &keeping.data;
        make_private(path)
            .with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let lock_path = path.join("lock");
        let lock = File::create(&lock_path)
            .with_context(|| format!("cannot write {}", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => {
                let id = own_id(path)?;
                Ok(Self { keeping: keeping.clone(), id, _lock: lock })
            }
            Err(TryLockError::WouldBlock) => bail!(
                "another windlass works in {}; stop it, or choose another folder with --data",
                path.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("cannot lock {}", lock_path.display()))
            }
        }
    }

    /// The database of one program.
    pub async fn store(&self, program: &str) -> Result<Store> {
        open_store(&self.keeping.data, self.keeping.database.as_deref(), program).await
    }

    /// The name of a program of this directory in leases. It stays the same when the program starts
    /// again, which then goes on with its work at once, and is nobody else's.
    pub fn worker(&self, program: &str) -> String {
        format!("{program}-{}", self.id)
    }

    /// The key that seals secrets; in this folder unless it is `given` elsewhere.
    pub fn key(&self, given: Option<&Path>) -> Result<Key> {
        Ok(Key::open_or_create(given.unwrap_or(&self.keeping.data.join("key")))?)
    }

    /// The file that is there while what the directory keeps is replaced.
    pub fn restoring(&self) -> PathBuf {
        self.keeping.data.join("restoring")
    }

    /// The folder of packages and images.
    pub async fn blobs(&self) -> Result<Blobs> {
        let path = self.keeping.blobs();
        Blobs::open(&path).await.with_context(|| format!("cannot use {}", path.display()))
    }
}

/// What the directory is called in leases; made once. Only who holds the lock asks.
fn own_id(data: &Path) -> Result<String> {
    let path = data.join("worker-id");
    match std::fs::read_to_string(&path) {
        Ok(id) if !id.trim().is_empty() => return Ok(id.trim().to_owned()),
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot read {}", path.display()));
        }
        Ok(_) | Err(_) => {}
    }
    let id = Uuid::new_v4().simple().to_string();
    File::create(&path)
        .and_then(|mut file| file.write_all(id.as_bytes()).and_then(|()| file.sync_all()))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(id)
}

/// Makes a folder that only its owner can look into: seeds and addresses of hosts are kept there.
/// One that exists is left as it is.
pub fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
