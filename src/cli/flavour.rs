//! The flavour that a descriptor means when nobody says which.

use std::io::{Cursor, Read};

use anyhow::{Context as _, bail};
use windlass_client::Download;
use windlass_descriptors::{Texts, read_nsd_texts, read_vnfd_texts};

use super::outcome::Usage;

/// No descriptor is this long; a server that sends more is broken.
const MAX_TEXT_BYTES: u64 = 16 << 20;

/// The default flavour of a VNFD.
pub async fn of_vnfd(vnfd: Download) -> anyhow::Result<String> {
    let reading = read_vnfd_texts(texts(vnfd).await?);
    chosen(reading.value.map(|vnfd| vnfd.default_flavour.to_string()))
}

/// The default flavour of an NSD.
pub async fn of_nsd(nsd: Download) -> anyhow::Result<String> {
    let reading = read_nsd_texts(texts(nsd).await?);
    chosen(reading.value.map(|nsd| nsd.default_flavour.to_string()))
}

fn chosen(flavour: Option<String>) -> anyhow::Result<String> {
    match flavour {
        Some(flavour) => Ok(flavour),
        None => bail!(Usage(
            "the descriptor does not say which flavour is meant: say it with `--flavour`"
                .to_owned()
        )),
    }
}

/// The files of a descriptor: one, or several in an archive.
async fn texts(descriptor: Download) -> anyhow::Result<Texts> {
    let is_archive = descriptor.media_type().is_some_and(|kind| kind.contains("zip"));
    named(is_archive, descriptor.bytes().await?)
}

fn named(is_archive: bool, bytes: Vec<u8>) -> anyhow::Result<Texts> {
    if is_archive {
        unpacked(bytes)
    } else {
        // Where packages have it: the paths of its images lead up from there.
        Ok([("Definitions/descriptor.yaml", bytes)].into_iter().collect())
    }
}

fn unpacked(bytes: Vec<u8>) -> anyhow::Result<Texts> {
    let about = "the server sent a descriptor that is no archive";
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).context(about)?;
    let mut files = Vec::new();
    for index in 0..archive.len() {
        let file = archive.by_index(index).context(about)?;
        if file.is_file() {
            let name = file.name().context(about)?.into_owned();
            let mut content = Vec::new();
            file.take(MAX_TEXT_BYTES).read_to_end(&mut content).context(about)?;
            files.push((name, content));
        }
    }
    Ok(files.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_whose_images_lie_beside_its_folder_says_its_flavour() {
        let ping =
            include_bytes!("../../descriptors/examples/ping-pong/ping/Definitions/ping.vnfd.yaml");
        let text = String::from_utf8_lossy(ping);
        let text = text
            .replace("@sha256:edge-guest.qcow2@", &"0".repeat(64))
            .replace("@bytes:edge-guest.qcow2@", "1");
        let reading = read_vnfd_texts(named(false, text.into_bytes()).unwrap());
        let flavour = reading.value.map(|vnfd| vnfd.default_flavour.to_string());
        assert_eq!(chosen(flavour).unwrap(), "default");
    }
}
