//! What an image is called in a grant: the digest of its content, wherever that comes from.

use sha2::{Digest, Sha256};
use windlass_store::SoftwareImageRecord;

/// `sha256:` and the digest of an image.
///
/// A package need not carry its images. Such an image is called by the SHA-256 that the VNFD
/// declares; when that declares another checksum, or none, by the SHA-256 of what it does say, so
/// that the same declaration always means the same image.
pub(super) fn vim_image_id(image: &SoftwareImageRecord) -> String {
    let digest = match (&image.content, &image.checksum) {
        (Some(content), _) => content.digest.hex().to_owned(),
        (None, Some(checksum)) if is_sha256(&checksum.algorithm) => {
            checksum.hash.to_ascii_lowercase()
        }
        (None, Some(checksum)) => sha256(&format!("{}:{}", checksum.algorithm, checksum.hash)),
        (None, None) => sha256(&image.name),
    };
    format!("sha256:{digest}")
}

fn is_sha256(algorithm: &str) -> bool {
    algorithm.to_ascii_lowercase().replace('-', "") == "sha256"
}

fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
