//! Digests of files.

use std::io::{self, Read};

use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::vnfd::DigestAlgorithm;

/// The digest of all that a reader gives, in lower-case hexadecimal.
///
/// # Errors
/// When the reader fails.
pub fn digest(algorithm: DigestAlgorithm, reader: &mut impl Read) -> io::Result<String> {
    match algorithm {
        DigestAlgorithm::Sha224 => stream::<Sha224>(reader),
        DigestAlgorithm::Sha256 => stream::<Sha256>(reader),
        DigestAlgorithm::Sha384 => stream::<Sha384>(reader),
        DigestAlgorithm::Sha512 => stream::<Sha512>(reader),
    }
}

/// The algorithm of a name: `SHA-256`, `sha-256` and `sha256` are seen.
pub(super) fn algorithm(name: &str) -> Option<DigestAlgorithm> {
    let name = name.trim().to_ascii_lowercase();
    DigestAlgorithm::parse(&name)
        .or_else(|| DigestAlgorithm::parse(&format!("sha-{}", name.strip_prefix("sha")?)))
}

fn stream<D: Digest>(reader: &mut impl Read) -> io::Result<String> {
    let mut digest = D::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            count => digest.update(&buffer[..count]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
