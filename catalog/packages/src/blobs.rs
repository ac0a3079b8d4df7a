//! Content-addressed blobs in a folder.
//!
//! ```text
//!  incoming/PROCESS/.tmpXXXX ── fsync, rename ──▶ sha256/ab/cdef…   (the rest of the digest)
//! ```
//! A blob is in its place completely or not at all, whatever happens on the way. Several processes
//! may share the folder: each has a folder of its own below `incoming`, locked as long as it lives.

mod shared;
mod writer;

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::{Stream, StreamExt};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;
use windlass_model::ImageDigest;

use shared::Shared;
pub use writer::BlobWriter;
use writer::Incoming;

use crate::error::BlobError;
use crate::stream::{ByteStream, CHUNK_BYTES};

/// Where blobs are, below the root.
const CONTENT: &str = "sha256";

/// A blob that is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blob {
    /// Its name: the SHA-256 of its content.
    pub digest: ImageDigest,
    /// Its size.
    pub size_bytes: u64,
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many blobs.
    pub blobs: u64,
    /// How much room that made.
    pub bytes: u64,
}

/// A folder of blobs. Clones share it, and so may other processes.
#[derive(Debug, Clone)]
pub struct Blobs {
    root: PathBuf,
    shared: Arc<Shared>,
}

impl Blobs {
    /// Opens the folder, or makes it. What processes left half-written that are gone is removed.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn open(root: impl AsRef<Path>) -> Result<Self, BlobError> {
        let root = root.as_ref().to_owned();
        blocking(move || {
            let content = root.join(CONTENT);
            fs::create_dir_all(&content).map_err(|error| BlobError::io(content, error))?;
            let shared = Shared::join(&root).map_err(|error| BlobError::io(&root, error))?;
            Ok(Self { root, shared: Arc::new(shared) })
        })
        .await
    }

    /// A new blob of at most `limit_bytes`, to be written bit by bit.
    ///
    /// # Errors
    /// [`BlobError::Io`], [`BlobError::DiskFull`].
    pub async fn writer(&self, limit_bytes: u64) -> Result<BlobWriter, BlobError> {
        let blobs = self.clone();
        let incoming = blocking(move || Incoming::new(blobs, limit_bytes)).await?;
        Ok(BlobWriter::of(incoming))
    }

    /// Stores a stream of at most `limit_bytes`. When it breaks off, nothing is left of it.
    ///
    /// # Errors
    /// [`BlobError::Source`] when the stream does; [`BlobError::TooBig`], [`BlobError::DiskFull`].
    pub async fn put<S, E>(&self, stream: S, limit_bytes: u64) -> Result<Blob, BlobError>
    where
        S: Stream<Item = Result<bytes::Bytes, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let mut writer = self.writer(limit_bytes).await?;
        let mut stream = std::pin::pin!(stream);
        while let Some(chunk) = stream.next().await {
            writer.write(&chunk.map_err(|error| BlobError::Source(error.into()))?).await?;
        }
        writer.finish().await
    }

    /// Stores what a blocking reader gives; for work that blocks anyway.
    ///
    /// # Errors
    /// Those of [`Blobs::put`].
    pub fn put_reader(&self, reader: &mut impl Read, limit_bytes: u64) -> Result<Blob, BlobError> {
        let mut incoming = Incoming::new(self.clone(), limit_bytes)?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            match reader.read(&mut chunk) {
                Ok(0) => return incoming.finish(),
                Ok(count) => incoming.write(&chunk[..count])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(BlobError::Source(error.into())),
            }
        }
    }

    /// The size of a blob.
    ///
    /// # Errors
    /// [`BlobError::NoSuchBlob`].
    pub async fn size_bytes(&self, digest: &ImageDigest) -> Result<u64, BlobError> {
        let (blobs, digest) = (self.clone(), digest.clone());
        blocking(move || blobs.find(&digest)).await
    }

    /// The content of a blob, or the part of it in `range`.
    ///
    /// # Errors
    /// [`BlobError::NoSuchBlob`], [`BlobError::BadRange`].
    pub async fn read(
        &self,
        digest: &ImageDigest,
        range: Option<Range<u64>>,
    ) -> Result<ByteStream, BlobError> {
        let size_bytes = self.size_bytes(digest).await?;
        let range = bounded(range, size_bytes)?;
        let path = self.path(digest);
        let seek = async {
            let mut file = tokio::fs::File::open(&path).await?;
            file.seek(io::SeekFrom::Start(range.start)).await?;
            Ok(file)
        };
        let file = seek.await.map_err(|error| BlobError::io(&path, error))?;
        let length = range.end - range.start;
        let chunks = ReaderStream::with_capacity(file.take(length), CHUNK_BYTES);
        Ok(ByteStream::new(length, chunks))
    }

    /// Removes the blobs that are not `used`, except those stored since `since`: an upload that has
    /// just ended is not yet known to whoever counted the uses. Take the time before counting.
    ///
    /// # Errors
    /// [`BlobError::Io`].
    pub async fn retain(
        &self,
        used: HashSet<ImageDigest>,
        since: DateTime<Utc>,
    ) -> Result<Swept, BlobError> {
        let blobs = self.clone();
        blocking(move || blobs.sweep(&used, since)).await
    }

    /// Where a blob lies, whether it is there or not.
    #[must_use]
    pub fn path(&self, digest: &ImageDigest) -> PathBuf {
        let (folder, name) = digest.hex().split_at(2);
        self.content().join(folder).join(name)
    }

    /// Opens a blob for blocking work.
    pub(crate) fn file(&self, digest: &ImageDigest) -> Result<File, BlobError> {
        self.find(digest)?;
        let path = self.path(digest);
        File::open(&path).map_err(|error| BlobError::io(path, error))
    }

    /// A blob's size, if it is there.
    pub(crate) fn find(&self, digest: &ImageDigest) -> Result<u64, BlobError> {
        let path = self.path(digest);
        match fs::metadata(&path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(BlobError::NoSuchBlob(digest.clone()))
            }
            Err(error) => Err(BlobError::io(path, error)),
        }
    }

    /// Puts a complete file in its place. One that lies there already is the same, byte by byte;
    /// it is replaced all the same, since a sweep spares what is new.
    fn adopt(&self, file: NamedTempFile, digest: &ImageDigest) -> Result<(), BlobError> {
        let path = self.path(digest);
        let folder = path.parent().unwrap_or(&self.root);
        let failed = |error| BlobError::io(&path, error);
        let is_new = !folder.exists();
        fs::create_dir_all(folder).map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        let _names = self.shared.lock_names().map_err(failed)?;
        file.persist(&path).map_err(|error| failed(error.error))?;
        // The names must survive a power cut as well as the content.
        let sync = |folder: &Path| File::open(folder).and_then(|folder| folder.sync_all());
        sync(folder).map_err(failed)?;
        if is_new { sync(&self.content()).map_err(failed) } else { Ok(()) }
    }

    fn sweep(&self, used: &HashSet<ImageDigest>, since: DateTime<Utc>) -> Result<Swept, BlobError> {
        let mut swept = Swept::default();
        let content = self.content();
        for folder in entries(&content)? {
            for path in entries(&folder)? {
                let Some(digest) = digest_of(&folder, &path) else { continue };
                let failed = |error| BlobError::io(&path, error);
                let _names = self.shared.lock_names().map_err(failed)?;
                let metadata = fs::metadata(&path).map_err(failed)?;
                let is_new = metadata.modified().map_err(failed)? >= since.into();
                if !used.contains(&digest) && !is_new {
                    fs::remove_file(&path).map_err(failed)?;
                    swept.blobs += 1;
                    swept.bytes += metadata.len();
                }
            }
        }
        Ok(swept)
    }

    fn incoming(&self) -> &Path {
        self.shared.incoming()
    }

    fn content(&self) -> PathBuf {
        self.root.join(CONTENT)
    }
}

/// A range of content, or the whole; refused when it does not lie inside.
pub(crate) fn bounded(range: Option<Range<u64>>, size_bytes: u64) -> Result<Range<u64>, BlobError> {
    let range = range.unwrap_or(0..size_bytes);
    if range.start > range.end || range.end > size_bytes {
        return Err(BlobError::BadRange { size_bytes });
    }
    Ok(range)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, BlobError> {
    let failed = |error| BlobError::io(folder, error);
    let read = fs::read_dir(folder).map_err(failed)?;
    read.map(|entry| entry.map(|entry| entry.path()).map_err(failed)).collect()
}

/// The digest that a path stands for; what is no blob has none.
fn digest_of(folder: &Path, path: &Path) -> Option<ImageDigest> {
    let (folder, name) = (folder.file_name()?.to_str()?, path.file_name()?.to_str()?);
    format!("{folder}{name}").parse().ok()
}

/// Runs `work` where it may block.
pub(crate) async fn blocking<T: Send + 'static, E: From<BlobError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_ended) => Err(BlobError::Interrupted.into()),
    }
}
