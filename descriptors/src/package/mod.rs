//! Packages: zip archives of descriptors, images and scripts (SOL004 for VNFs, SOL007 for network services).
//!
//! A package is read where it lies, never unpacked. It is not trusted: names, numbers and sizes are bounded
//! before anything is read, and no stream gives more than the archive's directory announced.

mod blocks;
mod digest;
mod directory;
mod entries;
mod manifest;
mod meta;
mod signature;
mod verify;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Read, Seek};

use zip::ZipArchive;

use crate::tosca::{Files, TextError};
use crate::vnfd::DigestAlgorithm;
use crate::yaml::MAX_TEXT_BYTES;

pub use digest::digest;
use directory::Metered;
use entries::{Entries, Stored};
pub use manifest::{FileDigest, Manifest};
pub use meta::ToscaMeta;
pub use signature::{BadTrustAnchor, TrustAnchors};

/// Bounds on what a package may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Files and folders.
    pub entries: usize,
    /// The length of a name.
    pub name_bytes: usize,
    /// All files together, unpacked.
    pub total_bytes: u64,
    /// How many times its own size an archive may unpack to, once that is more than
    /// [`Limits::unpacked_freely_bytes`].
    pub unpacked_times: u64,
    /// So much any archive may unpack to.
    pub unpacked_freely_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 10_000,
            name_bytes: 512,
            total_bytes: 256 << 30,
            unpacked_times: 200,
            unpacked_freely_bytes: 256 << 20,
        }
    }
}

/// Why a package cannot be opened, or a file of it not be read.
#[derive(Debug, thiserror::Error)]
pub enum PackageError {
    /// Not a zip archive.
    #[error("this is not a zip archive that can be read")]
    NotAnArchive(#[source] zip::result::ZipError),
    /// An entry's name could lead out of a folder.
    #[error(
        "the archive has an entry with the unsafe name {name:?}; name each file by its path from \
         the root of the package, in UTF-8, without `..`, `.`, `\\` and `:`"
    )]
    UnsafeName {
        /// The name, made readable.
        name: String,
    },
    /// An entry is a symbolic link.
    #[error(
        "the archive has the symbolic link `{name}`; a package holds files only: put the file \
         itself there"
    )]
    Symlink {
        /// The link's name.
        name: String,
    },
    /// Two entries have one name.
    #[error("the archive has `{name}` twice; keep the one that counts")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// An entry is encrypted.
    #[error("`{name}` is encrypted; pack it without a password")]
    Encrypted {
        /// The entry's name.
        name: String,
    },
    /// A bound is exceeded.
    #[error("the archive has too much of {what}: {found}, and at most {limit} are allowed")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: u64,
        /// How much there may be.
        limit: u64,
    },
    /// It unpacks to much more than it is.
    #[error(
        "the archive is {packed} bytes long and unpacks to {unpacked}: more than {times} times as \
         much; store large sparse files in a format of their own, such as qcow2"
    )]
    Bomb {
        /// How long the archive is.
        packed: u64,
        /// How much it would be.
        unpacked: u64,
        /// How many times its length it may be.
        times: u64,
    },
    /// Two entries share bytes of the archive.
    #[error("`{first}` and `{second}` share bytes of the archive; pack it again")]
    Overlap {
        /// The entry that comes first in the archive.
        first: String,
        /// The entry that starts inside of it.
        second: String,
    },
    /// There is no such file.
    #[error("there is no file `{path}` in the package")]
    NoSuchFile {
        /// The path that was asked for.
        path: String,
    },
    /// A file cannot be read.
    #[error("`{path}` cannot be read")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// An open package.
#[derive(Debug)]
pub struct Package<R> {
    archive: ZipArchive<R>,
    files: BTreeMap<String, Stored>,
    /// Digests that were computed: a manifest may ask a thousand times for that of one large file.
    digests: HashMap<(usize, DigestAlgorithm), String>,
    pub(crate) trust: TrustAnchors,
}

impl<R: Read + Seek> Package<R> {
    /// Opens a package within the usual bounds.
    ///
    /// # Errors
    /// When it is no zip archive, or one that could do harm.
    pub fn open(reader: R) -> Result<Self, PackageError> {
        Self::open_within(reader, Limits::default())
    }

    /// Opens a package within given bounds.
    ///
    /// # Errors
    /// When it is no zip archive, or one that could do harm, or one out of bounds.
    pub fn open_within(mut reader: R, limits: Limits) -> Result<Self, PackageError> {
        let length = directory::check(&mut reader, limits)?;
        let metered = Metered::new(reader, directory::OPENING_BYTES);
        let opened = ZipArchive::new(metered).map_err(PackageError::NotAnArchive)?;
        // The archive keeps one entry per name; asking it first is the only way to see duplicates.
        let (duplicates, start) = (opened.has_duplicate_names(), opened.central_directory_start());
        let mut reader = opened.into_inner().release();
        if duplicates {
            let name = directory::repeated_name(&mut reader, start).map_err(damaged)?;
            return Err(PackageError::Duplicate { name });
        }
        let mut archive = ZipArchive::new(reader).map_err(PackageError::NotAnArchive)?;
        bounded("entries", archive.len() as u64, limits.entries as u64)?;
        let entries = Entries::read(&mut archive, length, limits)?;
        let (trust, digests) = (TrustAnchors::default(), HashMap::new());
        Ok(Self { archive, files: entries.files, digests, trust })
    }

    /// Accepts signatures only from those whom these certificates vouch for.
    #[must_use]
    pub fn trusting(mut self, anchors: TrustAnchors) -> Self {
        self.trust = anchors;
        self
    }

    /// Every file, with its size in bytes, in the order of their names.
    pub fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        self.files.iter().map(|(path, stored)| (path.as_str(), stored.size))
    }

    /// Whether there is such a file.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// A file's size in bytes.
    #[must_use]
    pub fn size(&self, path: &str) -> Option<u64> {
        self.files.get(path).map(|stored| stored.size)
    }

    /// A file's content, as a stream that never gives more than [`Package::size`] bytes.
    ///
    /// # Errors
    /// When there is no such file, or the archive is damaged.
    pub fn file(&mut self, path: &str) -> Result<impl Read + '_, PackageError> {
        let missing = || PackageError::NoSuchFile { path: path.to_owned() };
        let stored = *self.files.get(path).ok_or_else(missing)?;
        let entry = self.archive.by_index(stored.index).map_err(|error| {
            PackageError::Unreadable { path: path.to_owned(), source: io::Error::other(error) }
        })?;
        Ok(Announced { inner: entry, left: stored.size })
    }

    /// A file's digest in lower-case hexadecimal, computed while streaming.
    ///
    /// # Errors
    /// When there is no such file, or the archive is damaged.
    pub fn digest(
        &mut self,
        path: &str,
        algorithm: DigestAlgorithm,
    ) -> Result<String, PackageError> {
        let index = self.files.get(path).map(|stored| stored.index);
        let known = index.and_then(|index| self.digests.get(&(index, algorithm)));
        if let Some(known) = known {
            return Ok(known.clone());
        }
        let mut file = self.file(path)?;
        let computed = digest::digest(algorithm, &mut file);
        drop(file);
        let computed = computed
            .map_err(|source| PackageError::Unreadable { path: path.to_owned(), source })?;
        self.digests.extend(index.map(|index| ((index, algorithm), computed.clone())));
        Ok(computed)
    }

    /// The blocks of `TOSCA-Metadata/TOSCA.meta`; `None` when the package has a YAML file at its root instead.
    ///
    /// # Errors
    /// When the file is there and cannot be read as a text.
    pub fn tosca_meta(&mut self) -> Result<Option<ToscaMeta>, PackageError> {
        self.optional_text(meta::PATH).map(|text| text.map(|text| ToscaMeta::parse(&text)))
    }

    /// Where the manifest is: where TOSCA.meta says, else the only `.mf` file at the root.
    #[must_use]
    pub fn manifest_path(&mut self) -> Option<String> {
        let named = self.tosca_meta().ok().flatten().and_then(|meta| meta.entry_manifest());
        named.filter(|path| self.contains(path)).or_else(|| {
            let is_root = |path: &&String| !path.contains('/') && path.ends_with(".mf");
            let mut at_root = self.files.keys().filter(is_root);
            at_root.next().filter(|_| at_root.next().is_none()).cloned()
        })
    }

    /// The manifest.
    ///
    /// # Errors
    /// When the file is there and cannot be read as a text.
    pub fn manifest(&mut self) -> Result<Option<Manifest>, PackageError> {
        let Some(path) = self.manifest_path() else { return Ok(None) };
        self.optional_text(&path).map(|text| text.map(|text| Manifest::parse(&text)))
    }

    fn optional_text(&mut self, path: &str) -> Result<Option<String>, PackageError> {
        let unreadable = |why: &str| PackageError::Unreadable {
            path: path.to_owned(),
            source: io::Error::new(io::ErrorKind::InvalidData, why.to_owned()),
        };
        match self.text(path) {
            Ok(text) => Ok(Some(text)),
            Err(TextError::Missing) => Ok(None),
            Err(TextError::TooBig) => Err(unreadable("the file is too large for a text")),
            Err(TextError::NotUtf8 { .. }) => Err(unreadable("the file is not UTF-8")),
            Err(TextError::Unreadable(why)) => Err(unreadable(&why)),
        }
    }
}

impl<R: Read + Seek> Files for Package<R> {
    fn paths(&self) -> Vec<String> {
        self.files.keys().cloned().collect()
    }

    fn text(&mut self, path: &str) -> Result<String, TextError> {
        match self.size(path) {
            None => return Err(TextError::Missing),
            Some(size) if size > MAX_TEXT_BYTES as u64 => return Err(TextError::TooBig),
            Some(_) => {}
        }
        let mut bytes = Vec::new();
        let mut file = self.file(path).map_err(|error| TextError::Unreadable(error.to_string()))?;
        file.read_to_end(&mut bytes).map_err(|error| TextError::Unreadable(error.to_string()))?;
        text_of(bytes)
    }
}

/// Bytes as text. A byte order mark is no part of it.
pub(crate) fn text_of(bytes: Vec<u8>) -> Result<String, TextError> {
    if bytes.len() > MAX_TEXT_BYTES {
        return Err(TextError::TooBig);
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(&error.as_bytes()[..offset]);
        let last = before.rsplit('\n').next().unwrap_or_default();
        let number = |count: usize| u32::try_from(count + 1).unwrap_or(u32::MAX);
        let line = number(before.matches('\n').count());
        TextError::NotUtf8 { offset, line, column: number(last.chars().count()) }
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A stream that fails where it would give more than the directory announced.
struct Announced<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Announced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "the file is larger than the archive says")
        })?;
        Ok(count)
    }
}

fn damaged(error: io::Error) -> PackageError {
    PackageError::NotAnArchive(error.into())
}

fn bounded(what: &'static str, found: u64, limit: u64) -> Result<(), PackageError> {
    if found > limit { Err(PackageError::TooMuch { what, found, limit }) } else { Ok(()) }
}
