//! A blob on its way in.

use std::io::{self, Seek, SeekFrom, Write};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use windlass_model::ImageDigest;

use super::{Blob, Blobs, blocking};
use crate::error::BlobError;

/// How much gathers before it is worth a trip to a thread that may block.
const GATHER_BYTES: usize = 1 << 20;

/// Zeros of this length are not written: disk images are full of them.
const HOLE_BYTES: usize = 64 << 10;
static ZEROS: [u8; HOLE_BYTES] = [0; HOLE_BYTES];

/// A file that has no name yet. It is gone when this is dropped.
#[derive(Debug)]
pub struct Incoming {
    blobs: Blobs,
    file: NamedTempFile,
    hasher: Sha256,
    size_bytes: u64,
    limit_bytes: u64,
    /// Zeros that were passed over since the last write.
    hole_bytes: u64,
}

impl Incoming {
    pub fn new(blobs: Blobs, limit_bytes: u64) -> Result<Self, BlobError> {
        let folder = blobs.incoming();
        let file = NamedTempFile::new_in(folder).map_err(|error| BlobError::io(folder, error))?;
        let hasher = Sha256::new();
        Ok(Self { blobs, file, hasher, size_bytes: 0, limit_bytes, hole_bytes: 0 })
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.size_bytes = self.size_bytes.saturating_add(bytes.len() as u64);
        if self.size_bytes > self.limit_bytes {
            return Err(BlobError::TooBig { limit_bytes: self.limit_bytes });
        }
        self.hasher.update(bytes);
        self.write_sparse(bytes).map_err(|error| BlobError::io(&self.blobs.root, error))
    }

    fn write_sparse(&mut self, bytes: &[u8]) -> io::Result<()> {
        for block in bytes.chunks(HOLE_BYTES) {
            if block == ZEROS {
                self.hole_bytes += HOLE_BYTES as u64;
                continue;
            }
            let hole = i64::try_from(std::mem::take(&mut self.hole_bytes));
            self.file.seek(SeekFrom::Current(hole.map_err(io::Error::other)?))?;
            self.file.write_all(block)?;
        }
        Ok(())
    }

    pub fn finish(self) -> Result<Blob, BlobError> {
        let sized = self.file.as_file().set_len(self.size_bytes);
        sized.map_err(|error| BlobError::io(&self.blobs.root, error))?;
        let hex: String = self.hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        // A SHA-256 has 64 digits; the type cannot know.
        let digest = ImageDigest::try_from(hex).map_err(|error| BlobError::Source(error.into()))?;
        self.blobs.adopt(self.file, &digest)?;
        Ok(Blob { digest, size_bytes: self.size_bytes })
    }
}

/// Takes a blob in, bit by bit. Nothing is left of it when this is dropped before the end.
#[derive(Debug)]
pub struct BlobWriter {
    /// Away while a thread writes; and for good when that was abandoned.
    incoming: Option<Incoming>,
    gathered: Vec<u8>,
}

impl BlobWriter {
    pub(super) fn of(incoming: Incoming) -> Self {
        Self { incoming: Some(incoming), gathered: Vec::new() }
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// [`BlobError::TooBig`], [`BlobError::DiskFull`], [`BlobError::Io`]. The writer is of no use
    /// any more then.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() < GATHER_BYTES {
            return Ok(());
        }
        let gathered = std::mem::take(&mut self.gathered);
        let mut incoming = self.incoming.take().ok_or(BlobError::Interrupted)?;
        let write = move || {
            incoming.write(&gathered)?;
            Ok::<_, BlobError>(incoming)
        };
        self.incoming = Some(blocking(write).await?);
        Ok(())
    }

    /// Puts the blob in its place; it is durable when this returns.
    ///
    /// # Errors
    /// Those of [`BlobWriter::write`].
    pub async fn finish(self) -> Result<Blob, BlobError> {
        let mut incoming = self.incoming.ok_or(BlobError::Interrupted)?;
        blocking(move || {
            incoming.write(&self.gathered)?;
            incoming.finish()
        })
        .await
    }
}
