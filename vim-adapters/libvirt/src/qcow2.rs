//! The few bytes of a QCOW2 header that matter before an image is used.

/// Bytes of the header that are looked at.
pub(crate) const HEADER_BYTES: u64 = 80;

const MAGIC: &[u8] = b"QFI\xfb";
/// Incompatible feature bit of version 3: the data is in another file.
const EXTERNAL_DATA: u64 = 1 << 2;

/// The virtual size in bytes of an image that stands alone.
pub(crate) fn virtual_size(header: &[u8]) -> Result<u64, &'static str> {
    let number = |at: usize| -> Option<u64> {
        Some(u64::from_be_bytes(header.get(at..at + 8)?.try_into().ok()?))
    };
    let cut_short = "the image is too short for QCOW2";
    if header.get(..4) != Some(MAGIC) {
        return Err("the image is not QCOW2");
    }
    let version = header.get(7).copied().ok_or(cut_short)?;
    if number(8).ok_or(cut_short)? != 0 {
        return Err("the image builds on another file: flatten it first");
    }
    if version >= 3 && number(72).ok_or(cut_short)? & EXTERNAL_DATA != 0 {
        return Err("the image keeps its data in another file: convert it first");
    }
    number(24).ok_or(cut_short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Vec<u8> {
        let mut header = vec![0; 80];
        header[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
        header[24..32].copy_from_slice(&(3u64 << 30).to_be_bytes());
        header
    }

    #[test]
    fn a_plain_image_tells_its_size() {
        assert_eq!(virtual_size(&header()), Ok(3 << 30));
    }

    #[test]
    fn an_image_that_reaches_for_other_files_is_refused() {
        let mut backed = header();
        backed[15] = 104;
        let mut external = header();
        external[79] = 4;
        for image in [&backed, &external] {
            assert!(virtual_size(image).is_err());
        }
    }

    #[test]
    fn what_is_not_qcow2_or_cut_short_is_refused() {
        assert!(virtual_size(b"").is_err());
        assert!(virtual_size(&header()[..79]).is_err());
        assert!(virtual_size(&[0; 80]).is_err());
    }
}
