//! What can be uploaded: a package as it is, or a folder or descriptor that becomes one on the way.

use std::fs::{self, File};
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip archive on disk; one that was made on the way is deleted with this value.
#[derive(Debug)]
pub struct Archive {
    file: File,
}

impl Archive {
    /// Opens a package, or makes one of a folder or of a single descriptor.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let about = || format!("cannot read {}", path.display());
        let metadata = fs::metadata(path).with_context(about)?;
        let file = if metadata.is_dir() {
            pack(path, &files_below(path)?)?
        } else if is_yaml(path) {
            let folder = path.parent().unwrap_or_else(|| Path::new(""));
            pack(folder, &[path.to_owned()])?
        } else {
            File::open(path).with_context(about)?
        };
        Ok(Self { file })
    }

    /// The archive, at its beginning.
    pub fn into_file(self) -> File {
        self.file
    }
}

/// Whether a file is a descriptor rather than a package.
pub fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Zips files into a temporary file that has no name, so that nothing is left behind whatever happens.
fn pack(folder: &Path, files: &[PathBuf]) -> anyhow::Result<File> {
    let mut zip = ZipWriter::new(tempfile::tempfile().context("cannot make a temporary file")?);
    for file in files {
        let name = name_in(folder, file)?;
        add(&mut zip, &name, file).with_context(|| format!("cannot pack {}", file.display()))?;
    }
    let mut packed = zip.finish().context("cannot finish the archive")?;
    packed.rewind()?;
    Ok(packed)
}

fn add<W: Write + Seek>(zip: &mut ZipWriter<W>, name: &str, file: &Path) -> anyhow::Result<()> {
    let mut content = File::open(file)?;
    let length = content.metadata()?.len();
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .large_file(length >= u64::from(u32::MAX));
    zip.start_file(name, options)?;
    io::copy(&mut content, zip)?;
    Ok(())
}

/// Every file of a folder, in the order of their names; what is hidden, such as `.git`, is no part of a package.
fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read {}", folder.display()))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.path();
        let kind = entry.file_type()?;
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        } else if kind.is_dir() {
            files.extend(files_below(&path)?);
        } else if kind.is_file() {
            files.push(path);
        } else {
            bail!("{} is neither file nor folder; a package holds files only", path.display());
        }
    }
    Ok(files)
}

fn name_in(folder: &Path, file: &Path) -> anyhow::Result<String> {
    let relative = file.strip_prefix(folder).unwrap_or(file);
    let parts: Option<Vec<&str>> = relative.iter().map(|part| part.to_str()).collect();
    let parts = parts.with_context(|| format!("{} has a name that is not text", file.display()))?;
    Ok(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn names(file: File) -> Vec<String> {
        let archive = zip::ZipArchive::new(file).unwrap();
        archive.file_names().map(|name| name.unwrap().into_owned()).collect()
    }

    #[test]
    fn a_folder_becomes_a_package_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("Definitions")).unwrap();
        fs::create_dir_all(root.join(".git")).unwrap();
        fs::write(root.join("Definitions/vnfd.yaml"), "x: 1").unwrap();
        fs::write(root.join("router.mf"), "metadata:").unwrap();
        fs::write(root.join(".git/config"), "secret").unwrap();
        let mut file = Archive::open(root).unwrap().into_file();
        let mut zip = zip::ZipArchive::new(&mut file).unwrap();
        let mut text = String::new();
        zip.by_name("Definitions/vnfd.yaml").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "x: 1");
        file.rewind().unwrap();
        assert_eq!(names(file), ["Definitions/vnfd.yaml", "router.mf"]);
    }

    #[test]
    fn a_descriptor_alone_becomes_a_package_with_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ns.yaml");
        fs::write(&path, "x: 1").unwrap();
        assert_eq!(names(Archive::open(&path).unwrap().into_file()), ["ns.yaml"]);
    }

    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("image")).unwrap();
        let error = Archive::open(folder.path()).unwrap_err();
        assert!(error.to_string().contains("neither file nor folder"), "{error:#}");
    }

    #[test]
    fn what_is_not_there_is_named() {
        let error = Archive::open(Path::new("no/such.csar")).unwrap_err();
        assert_eq!(error.to_string(), "cannot read no/such.csar");
    }
}
