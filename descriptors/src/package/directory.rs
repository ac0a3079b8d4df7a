//! The end of an archive, looked at before the archive is opened.
//!
//! Opening an archive makes room for as many entries as its end announces, and reads as long a
//! directory. Both are numbers that somebody else wrote, so they are bounded first.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Limits, PackageError, bounded};

/// The record at the end, without the comment behind it.
const END_BYTES: usize = 22;
const END: &[u8] = b"PK\x05\x06";
/// The comment behind the record is at most this long.
const COMMENT_BYTES: u64 = 1 << 16;
/// What leads to the record of a large archive stands right before the end record.
const LOCATOR_BYTES: usize = 20;
const LOCATOR: &[u8] = b"PK\x06\x07";
/// As much as is needed of the record of a large archive.
const LARGE_END_BYTES: usize = 56;
const LARGE_END: &[u8] = b"PK\x06\x06";
/// An entry of the directory, without its name and what follows that.
const ENTRY_BYTES: usize = 46;
const ENTRY: &[u8] = b"PK\x01\x02";

/// How much of an archive may be read to open it: its directory, and what leads there.
pub(super) const OPENING_BYTES: u64 = 16 << 20;

/// Refuses an archive that announces too many entries; gives its length.
pub(super) fn check<R: Read + Seek>(reader: &mut R, limits: Limits) -> Result<u64, PackageError> {
    let length = reader.seek(SeekFrom::End(0)).map_err(damaged)?;
    let start = length.saturating_sub(COMMENT_BYTES + (END_BYTES + LOCATOR_BYTES) as u64);
    let mut tail = Vec::new();
    reader.seek(SeekFrom::Start(start)).map_err(damaged)?;
    reader.by_ref().take(length - start).read_to_end(&mut tail).map_err(damaged)?;
    // Readers of archives differ in which record they believe, so each must be harmless.
    for at in positions(&tail, END).filter(|at| at + END_BYTES <= tail.len()) {
        bounded("entries", number(&tail[at + 10..at + 12]), limits.entries as u64).or_else(
            |error| if tail[at + 10..at + 12] == [0xff; 2] { Ok(()) } else { Err(error) },
        )?;
        let locator = at.checked_sub(LOCATOR_BYTES).map(|from| &tail[from..at]);
        if let Some(locator) = locator.filter(|locator| locator.starts_with(LOCATOR)) {
            let large = large_end(reader, number(&locator[8..16])).map_err(damaged)?;
            bounded("entries", number(&large[32..40]), limits.entries as u64)?;
        }
    }
    reader.rewind().map_err(damaged)?;
    Ok(length)
}

/// The first name that stands twice in the directory that starts at `start`.
pub(super) fn repeated_name<R: Read + Seek>(reader: &mut R, start: u64) -> io::Result<String> {
    let mut names = std::collections::HashSet::new();
    reader.seek(SeekFrom::Start(start))?;
    loop {
        let mut entry = [0; ENTRY_BYTES];
        reader.read_exact(&mut entry)?;
        if !entry.starts_with(ENTRY) {
            return Ok("a name".to_owned());
        }
        let [name, extra, comment] =
            [28, 30, 32].map(|at| usize::from(u16::from_le_bytes([entry[at], entry[at + 1]])));
        let mut raw = vec![0; name];
        reader.read_exact(&mut raw)?;
        reader.seek_relative(i64::try_from(extra + comment).unwrap_or_default())?;
        let name = String::from_utf8_lossy(&raw).into_owned();
        if !names.insert(name.clone()) {
            return Ok(name);
        }
    }
}

fn large_end<R: Read + Seek>(reader: &mut R, at: u64) -> io::Result<[u8; LARGE_END_BYTES]> {
    let mut record = [0; LARGE_END_BYTES];
    reader.seek(SeekFrom::Start(at))?;
    reader.read_exact(&mut record)?;
    if !record.starts_with(LARGE_END) {
        let told = "the record of a large archive is not where the archive says";
        return Err(io::Error::new(io::ErrorKind::InvalidData, told));
    }
    Ok(record)
}

fn positions<'a>(bytes: &'a [u8], mark: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    bytes
        .windows(mark.len())
        .enumerate()
        .filter(move |(_, window)| *window == mark)
        .map(|(at, _)| at)
}

/// A number of up to eight bytes, the least first.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn damaged(error: io::Error) -> PackageError {
    PackageError::NotAnArchive(error.into())
}

/// A reader that gives only so much while the archive is opened.
#[derive(Debug)]
pub(super) struct Metered<R> {
    inner: R,
    left: u64,
}

impl<R> Metered<R> {
    pub(super) fn new(inner: R, limit: u64) -> Self {
        Self { inner, left: limit }
    }

    /// The archive is open: from here on everything may be read.
    pub(super) fn release(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            let told = format!("its directory is longer than {OPENING_BYTES} bytes");
            io::Error::new(io::ErrorKind::InvalidData, told)
        })?;
        Ok(count)
    }
}

impl<R: Seek> Seek for Metered<R> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.inner.seek(position)
    }
}
