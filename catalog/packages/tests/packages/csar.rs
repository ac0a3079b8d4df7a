//! Packages that are made on the spot.

use std::io::{Cursor, Write};

use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const VNFD: &str = include_str!("descriptors/web.vnfd.yaml");
const NSD: &str = include_str!("descriptors/web.nsd.yaml");

pub const META: &str = "TOSCA-Metadata/TOSCA.meta";
pub const DEFINITIONS: &str = "Definitions/entry.yaml";

/// The files of a package, and then the package.
pub struct Csar(Vec<(String, Vec<u8>)>);

impl Csar {
    /// A VNF whose image `web` is `image`; its image `db` is not there.
    pub fn vnf(image: &[u8]) -> Self {
        let vnfd = VNFD
            .replace("WEB_CHECKSUM", &sha256(image))
            .replace("WEB_SIZE", &image.len().to_string());
        Self::of(&vnfd).with("Files/web.qcow2", image)
    }

    /// A network service.
    pub fn ns() -> Self {
        Self::of(NSD)
    }

    fn of(descriptor: &str) -> Self {
        let meta = format!(
            "TOSCA-Meta-File-Version: 1.1\nCSAR-Version: 1.1\nCreated-By: Windlass\n\
             Entry-Definitions: {DEFINITIONS}\n"
        );
        Self(vec![]).with(META, meta.as_bytes()).with(DEFINITIONS, descriptor.as_bytes())
    }

    /// With one more file, or another content of one.
    pub fn with(mut self, path: &str, content: &[u8]) -> Self {
        self.0.retain(|(known, _)| known != path);
        self.0.push((path.to_owned(), content.to_vec()));
        self
    }

    pub fn zipped(&self) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, content) in &self.0 {
            zip.start_file(path, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }
}

pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
