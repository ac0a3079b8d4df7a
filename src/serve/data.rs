//! The data directory: one server at a time works in it.

use std::fs::{File, TryLockError};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use windlass_model::SystemClock;
use windlass_packages::Blobs;
use windlass_store::Store;

/// A data directory that is ours until this is dropped.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory when it is missing, and takes it.
    ///
    /// Whoever holds it may take over the leases of an earlier process at once: that one is gone.
    pub fn open(path: &Path) -> Result<Self> {
        make_private(path)
            .with_context(|| format!("cannot make the data directory {}", path.display()))?;
        let lock_path = path.join("lock");
        let lock = File::create(&lock_path)
            .with_context(|| format!("cannot write {}", lock_path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
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
        open_store(&self.path, program).await
    }

    /// The folder of packages and images.
    pub async fn blobs(&self) -> Result<Blobs> {
        let path = self.path.join("blobs");
        Blobs::open(&path).await.with_context(|| format!("cannot use {}", path.display()))
    }
}

/// Makes a folder that only its owner can look into: seeds and addresses of hosts are kept there.
/// One that exists is left as it is.
pub fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// A program's database in a data directory, whoever holds that.
pub async fn open_store(data: &Path, program: &str) -> Result<Store> {
    let path = data.join(format!("{program}.db"));
    Store::open(&path, Arc::new(SystemClock))
        .await
        .with_context(|| format!("cannot open the database {}", path.display()))
}
