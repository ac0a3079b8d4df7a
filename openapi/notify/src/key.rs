//! The key that seals secrets: AES-256-GCM, each secret bound to the subscription that it is of.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use tempfile::NamedTempFile;

const KEY_BYTES: usize = 32;

/// Seals and opens secrets.
pub struct Key(LessSafeKey);

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Why there is no key, or no secret.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be used.
    #[error("the key {path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{0} is no key: 64 hexadecimal digits are wanted")]
    NotAKey(PathBuf),
    /// The machine gives no randomness, or the cipher failed.
    #[error("the cipher failed")]
    Cipher,
    /// The secret was sealed with another key, or for something else.
    #[error("the secret was sealed with another key; see --key")]
    NotOurs,
}

impl Key {
    /// The key in the file at `path`; it is made, for its owner alone, when there is none.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open_or_create(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        match File::open(path) {
            Ok(file) => Self::read(path, file),
            Err(error) if error.kind() == ErrorKind::NotFound => match Self::create(path) {
                // Another process was faster, and its key is as good.
                Err(KeyError::File { source, .. }) if source.kind() == ErrorKind::AlreadyExists => {
                    Self::read(path, File::open(path).map_err(failed)?)
                }
                made => made,
            },
            Err(error) => Err(failed(error)),
        }
    }

    /// A key that nobody keeps, for tests.
    ///
    /// # Errors
    /// [`KeyError::Cipher`].
    pub fn random() -> Result<Self, KeyError> {
        Self::of(&random::<KEY_BYTES>()?)
    }

    fn create(path: &Path) -> Result<Self, KeyError> {
        let failed = |source| KeyError::File { path: path.to_owned(), source };
        let key = random::<KEY_BYTES>()?;
        keep(path, &hex(&key)).map_err(failed)?;
        Self::of(&key)
    }

    fn read(path: &Path, file: File) -> Result<Self, KeyError> {
        let mut text = String::new();
        file.take(1024)
            .read_to_string(&mut text)
            .map_err(|source| KeyError::File { path: path.to_owned(), source })?;
        let bytes = unhex(text.trim()).filter(|bytes| bytes.len() == KEY_BYTES);
        Self::of(&bytes.ok_or_else(|| KeyError::NotAKey(path.to_owned()))?)
    }

    fn of(bytes: &[u8]) -> Result<Self, KeyError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_unspecified| KeyError::Cipher)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals a secret that is `of` something: nonce and ciphertext in hexadecimal.
    ///
    /// # Errors
    /// [`KeyError::Cipher`].
    pub fn seal(&self, of: &str, secret: &str) -> Result<String, KeyError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut sealed = secret.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(of.as_bytes()),
                &mut sealed,
            )
            .map_err(|_unspecified| KeyError::Cipher)?;
        Ok(hex(&nonce) + &hex(&sealed))
    }

    /// Opens a secret that was sealed as being `of` the same.
    ///
    /// # Errors
    /// [`KeyError::NotOurs`].
    pub fn open(&self, of: &str, sealed: &str) -> Result<String, KeyError> {
        let bytes = unhex(sealed).ok_or(KeyError::NotOurs)?;
        let (nonce, sealed) = bytes.split_first_chunk().ok_or(KeyError::NotOurs)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let secret = self
            .0
            .open_in_place(nonce, Aad::from(of.as_bytes()), &mut sealed)
            .map_err(|_unspecified| KeyError::NotOurs)?;
        String::from_utf8(secret.to_vec()).map_err(|_not_text| KeyError::NotOurs)
    }
}

/// Writes a key down for its owner alone. It comes into being whole, and stays: whoever finds it can
/// read it, and a crash leaves at most a draft that is in nobody's way.
fn keep(path: &Path, key: &str) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let mut draft = NamedTempFile::with_prefix_in(".key-", folder)?;
    writeln!(draft, "{key}")?;
    draft.as_file().sync_all()?;
    draft.persist_noclobber(path)?;
    File::open(folder)?.sync_all()
}

fn random<const N: usize>() -> Result<[u8; N], KeyError> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_unspecified| KeyError::Cipher)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let sealed = Key::open_or_create(&path).unwrap().seal("s", "hush").unwrap();
        assert_eq!(Key::open_or_create(&path).unwrap().open("s", &sealed).unwrap(), "hush");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a draft is left");
    }

    #[test]
    fn what_a_crash_left_of_a_key_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let kept = keep(&path, "first").and_then(|()| keep(&path, "second"));
        assert_eq!(kept.unwrap_err().kind(), ErrorKind::AlreadyExists, "a key is replaced");
        std::fs::remove_file(&path).unwrap();
        let draft = NamedTempFile::with_prefix_in(".key-", folder.path()).unwrap();
        let _left = draft.keep().unwrap();
        std::fs::write(path.with_extension(format!("new-{}", std::process::id())), "").unwrap();
        Key::open_or_create(&path).unwrap();
    }

    #[test]
    fn a_secret_opens_only_for_what_it_is_of_and_only_unchanged() {
        let key = Key::random().unwrap();
        let sealed = key.seal("one", "hush").unwrap();
        assert!(!sealed.contains(&hex(b"hush")));
        assert_ne!(sealed, key.seal("one", "hush").unwrap(), "a nonce is used twice");
        assert!(key.open("other", &sealed).is_err());
        assert!(Key::random().unwrap().open("one", &sealed).is_err());
        let mut broken = sealed.clone();
        broken.replace_range(30..31, if &sealed[30..31] == "0" { "1" } else { "0" });
        assert!(key.open("one", &broken).is_err());
        assert!(key.open("one", "0011").is_err() && key.open("one", "é").is_err());
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(matches!(Key::open_or_create(file.path()), Err(KeyError::NotAKey(_))));
    }
}
