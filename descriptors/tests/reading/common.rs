//! Archives and descriptors for tests.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use windlass_descriptors::package::digest;
use windlass_descriptors::vnfd::DigestAlgorithm;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A zip archive in the making.
pub struct Zip(ZipWriter<Cursor<Vec<u8>>>);

impl Zip {
    pub fn new() -> Self {
        Self(ZipWriter::new(Cursor::new(Vec::new())))
    }

    pub fn file(mut self, name: &str, content: &[u8]) -> Self {
        self.0.start_file(name, SimpleFileOptions::default()).unwrap();
        self.0.write_all(content).unwrap();
        self
    }

    pub fn symlink(mut self, name: &str, target: &str) -> Self {
        self.0.add_symlink(name, target, SimpleFileOptions::default()).unwrap();
        self
    }

    pub fn bytes(self) -> Vec<u8> {
        self.0.finish().unwrap().into_inner()
    }

    pub fn open(self) -> Cursor<Vec<u8>> {
        Cursor::new(self.bytes())
    }
}

/// The SHA-256 of some bytes.
pub fn digest_of(mut bytes: &[u8]) -> String {
    digest(DigestAlgorithm::Sha256, &mut bytes).unwrap()
}

/// Every file below a folder, by its path from there.
pub fn files_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// A folder of `fixtures/`, as an archive.
pub fn fixture(name: &str) -> Zip {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    files_below(&folder).iter().fold(Zip::new(), |zip, (name, content)| zip.file(name, content))
}

/// The smallest VNFD without findings.
pub fn minimal_vnfd() -> String {
    "tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    vnf:
      type: tosca.nodes.nfv.VNF
      properties:
        descriptor_id: 5a1f2f63-6a0a-4d8e-9a57-0c7d1d6f0009
        descriptor_version: 1.10
        provider: Example
        product_name: minimal
        software_version: '1.0'
        vnfm_info: [ '0:example' ]
        flavour_id: default
        flavour_description: The only one
"
    .to_owned()
}
