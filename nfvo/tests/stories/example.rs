//! The example packages, packed on the spot.

use std::collections::HashMap;
use std::io::{Cursor, Write};
use std::path::Path;

use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../descriptors/examples");

/// What every image of an example contains here.
pub const IMAGE: &[u8] = b"not much of a disk";

/// The files of an example, with `IMAGE` as each of its images.
pub fn example(path: &str) -> HashMap<String, Vec<u8>> {
    let mut files = HashMap::new();
    let root = Path::new(EXAMPLES).join(path);
    collect(&root, &root, &mut files);
    let images: Vec<String> = files.values().flat_map(|text| images_in(text)).collect();
    for image in images {
        files.insert(format!("Files/images/{image}"), IMAGE.to_vec());
    }
    files
}

fn collect(root: &Path, folder: &Path, files: &mut HashMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, fill(&std::fs::read_to_string(&path).unwrap()).into_bytes());
        }
    }
}

/// Puts digests and sizes in their places, as the packing of the examples does.
fn fill(text: &str) -> String {
    let hashed = replaced(text, "@sha256:", &sha256(IMAGE));
    replaced(&hashed, "@bytes:", &IMAGE.len().to_string())
}

/// Replaces each mark from its beginning to the `@` that ends it.
fn replaced(text: &str, mark: &str, value: &str) -> String {
    let mut parts = text.split(mark);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |filled, part| {
        let (_, rest) = part.split_once('@').expect("a mark ends with @");
        filled + value + rest
    })
}

fn images_in(text: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(text);
    let names = text.split("Files/images/").skip(1);
    let end = |name: &str| name.split([' ', '"', '\n', ',', '}']).next().unwrap().to_owned();
    names.map(end).collect()
}

pub fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files as an archive. The manifest states no digests: these packages are made on the spot.
pub fn zipped(files: &HashMap<String, Vec<u8>>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        zip.start_file(path, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
