//! The entries of an archive: every one is judged before anything of it is read.

use std::collections::BTreeMap;
use std::io::{Read, Seek};

use zip::ZipArchive;
use zip::read::ZipFile;

use super::{Limits, PackageError, bounded};

/// Where a file is in the archive.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stored {
    pub index: usize,
    pub size: u64,
}

/// The files of an archive that can do no harm.
#[derive(Debug, Default)]
pub(super) struct Entries {
    pub files: BTreeMap<String, Stored>,
    unpacked: u64,
    /// Which bytes of the archive each entry takes.
    extents: Vec<(u64, u64, usize)>,
}

impl Entries {
    /// Looks at every entry of an archive that is `packed` bytes long.
    pub fn read<R: Read + Seek>(
        archive: &mut ZipArchive<R>,
        packed: u64,
        limits: Limits,
    ) -> Result<Self, PackageError> {
        let mut entries = Self::default();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(PackageError::NotAnArchive)?;
            entries.add(index, &entry, limits)?;
        }
        let (unpacked, times) = (entries.unpacked, limits.unpacked_times);
        let is_free = unpacked <= limits.unpacked_freely_bytes;
        if !is_free && unpacked / times > packed {
            return Err(PackageError::Bomb { packed, unpacked, times });
        }
        entries.extents.sort_unstable();
        let pairs = entries.extents.iter().zip(entries.extents.iter().skip(1));
        if let Some((first, second)) = pairs.into_iter().find(|(first, second)| first.1 > second.0)
        {
            let name = |index| {
                let name = archive.name_for_index(index).and_then(Result::ok);
                name.map_or_else(String::new, std::borrow::Cow::into_owned)
            };
            return Err(PackageError::Overlap { first: name(first.2), second: name(second.2) });
        }
        Ok(entries)
    }

    fn add<R: Read>(
        &mut self,
        index: usize,
        entry: &ZipFile<'_, R>,
        limits: Limits,
    ) -> Result<(), PackageError> {
        let name = safe_name(entry.name_raw(), limits.name_bytes)?;
        if entry.is_symlink() {
            return Err(PackageError::Symlink { name });
        }
        if entry.encrypted() {
            return Err(PackageError::Encrypted { name });
        }
        self.unpacked = self.unpacked.saturating_add(entry.size());
        bounded("bytes when unpacked", self.unpacked, limits.total_bytes)?;
        let start = entry.data_start().unwrap_or_else(|| entry.header_start());
        let end = start.saturating_add(entry.compressed_size());
        self.extents.push((entry.header_start(), end, index));
        if entry.is_dir() {
            return Ok(());
        }
        let stored = Stored { index, size: entry.size() };
        match self.files.insert(name.clone(), stored) {
            Some(_) => Err(PackageError::Duplicate { name }),
            None => Ok(()),
        }
    }
}

/// The name of an entry, if it stays inside a folder on every system.
fn safe_name(raw: &[u8], limit: usize) -> Result<String, PackageError> {
    bounded("bytes in a name", raw.len() as u64, limit as u64)?;
    let unsafe_name =
        || PackageError::UnsafeName { name: String::from_utf8_lossy(raw).into_owned() };
    let name = std::str::from_utf8(raw).map_err(|_not_utf8| unsafe_name())?;
    let is_bad_part = |part: &str| part == ".." || part == "." || part.is_empty();
    let path = name.strip_suffix('/').unwrap_or(name);
    let has_bad_char = name.contains(['\\', ':']) || name.chars().any(char::is_control);
    if has_bad_char || path.split('/').any(is_bad_part) {
        return Err(unsafe_name());
    }
    Ok(name.to_owned())
}
