//! Files and their imports.

use super::standard::is_standard_file;
use crate::finding::{Code, Log, Place, Severity};
use crate::suggest::{did_you_mean, nearest};
use crate::yaml::{self, Node};

/// More files than this no descriptor has.
pub(crate) const MAX_DOCUMENTS: usize = 256;

/// All files of a descriptor together, and of the values in them.
const MAX_SOURCE_BYTES: usize = 16 << 20;
const MAX_VALUES: usize = 400_000;

/// The files that descriptors can be read from.
pub(crate) trait Files {
    /// Every file's path.
    fn paths(&self) -> Vec<String>;
    /// A file's text.
    fn text(&mut self, path: &str) -> Result<String, TextError>;

    /// Whether every file that a descriptor names should be there.
    fn is_whole(&self) -> bool {
        true
    }
}

/// Why a file has no text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TextError {
    /// There is no such file.
    Missing,
    /// It is larger than a descriptor may be.
    TooBig,
    /// It is not UTF-8 from this byte on, which is in this line and column.
    NotUtf8 { offset: usize, line: u32, column: u32 },
    /// It cannot be read.
    Unreadable(String),
}

/// A file of a descriptor.
#[derive(Debug)]
pub(crate) struct Document {
    pub file: String,
    pub root: Node,
}

/// Reads a file and all that it imports, the file itself first.
pub(crate) fn load(files: &mut dyn Files, entry: &str, log: &mut Log) -> Vec<Document> {
    let mut loader = Loader {
        paths: files.paths(),
        files,
        documents: Vec::new(),
        chain: Vec::new(),
        values: 0,
        log,
    };
    loader.load(entry);
    loader.documents
}

/// A path as it stands in a file, from the root of the package. `None` when it leads outside.
pub(crate) fn resolve_path(from_file: &str, path: &str) -> Option<String> {
    let folder = from_file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let start = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = start.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

struct Loader<'a> {
    files: &'a mut dyn Files,
    paths: Vec<String>,
    documents: Vec<Document>,
    /// The files that import each other down to the one being read.
    chain: Vec<String>,
    /// How much the values of all files count.
    values: usize,
    log: &'a mut Log,
}

impl Loader<'_> {
    fn load(&mut self, path: &str) {
        let Some(text) = self.text(path) else { return };
        let Some(root) = yaml::parse(path, &text, self.log) else { return };
        self.values += yaml::weight(&root);
        if self.values > MAX_VALUES || self.log.source_bytes() > MAX_SOURCE_BYTES {
            let message = "the files of the descriptor hold too much";
            self.log.about_file(Severity::Error, Code::TooBig, path, message).help(format!(
                "at most {} MiB and {MAX_VALUES} values are read in all",
                MAX_SOURCE_BYTES >> 20
            ));
            return;
        }
        check_version(path, &root, self.log);
        let imports = root.get("imports").map(|node| self.imports(node)).unwrap_or_default();
        self.documents.push(Document { file: path.to_owned(), root });
        self.chain.push(path.to_owned());
        for (import, place) in imports {
            self.import(path, &import, place);
        }
        self.chain.pop();
    }

    /// Imports are a list of names, of `{file: name}`, or of `{anything: either}`.
    fn imports(&mut self, node: &Node) -> Vec<(String, Place)> {
        let mut found = Vec::new();
        // Some write a map of names instead of a list of maps.
        let items = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
        for item in items {
            let named = item.entries().iter().map(|entry| &entry.value);
            let file = |node: &Node| Some((node.get("file")?.text()?.to_owned(), node.place));
            let text = |node: &Node| Some((node.text()?.to_owned(), node.place));
            let direct = text(item).or_else(|| file(item));
            let before = found.len();
            match direct {
                Some(import) => found.push(import),
                None => found.extend(named.filter_map(|node| text(node).or_else(|| file(node)))),
            }
            if found.len() == before {
                self.log
                    .error(Code::BadStructure, item.place, "this import names no file")
                    .help("write `- types.yaml` or `- file: types.yaml`");
            }
        }
        found
    }

    fn import(&mut self, from: &str, name: &str, place: Place) {
        if name.contains("://") {
            if !is_standard_file(name) {
                let message = format!("`{name}` is outside the package and is not read");
                self.log
                    .warning(Code::MissingImport, place, message)
                    .help("put the file into the package and import it from there");
            }
            return;
        }
        let Some(path) = resolve_path(from, name) else {
            self.log.error(
                Code::MissingImport,
                place,
                format!("`{name}` leads out of the package"),
            );
            return;
        };
        if let Some(start) = self.chain.iter().position(|file| *file == path) {
            let chain = self.chain[start..].join(" -> ");
            self.log
                .error(Code::ImportCycle, place, format!("`{name}` imports this file again"))
                .help(format!("the circle is {chain} -> {path}"));
            return;
        }
        if self.documents.iter().any(|document| document.file == path) {
            return;
        }
        if !self.paths.contains(&path) {
            if !is_standard_file(&path) {
                let near = self.paths.iter().map(String::as_str).filter(|p| is_yaml(p));
                let message = format!("there is no file `{path}` in the package");
                self.log.error(Code::MissingImport, place, message).near(|| nearest(&path, near));
            }
            return;
        }
        if self.log.is_full() {
            return;
        }
        if self.documents.len() >= MAX_DOCUMENTS {
            self.log
                .error(Code::TooBig, place, "the descriptor has too many files")
                .help(format!("at most {MAX_DOCUMENTS} are read"));
            return;
        }
        self.load(&path);
    }

    fn text(&mut self, path: &str) -> Option<String> {
        let (code, message) = match self.files.text(path) {
            Ok(text) => return Some(text),
            Err(TextError::NotUtf8 { offset, line, column }) => {
                self.log.not_utf8(path, offset, line, column);
                return None;
            }
            Err(TextError::Missing) => {
                (Code::MissingFile, "the file is not in the package".to_owned())
            }
            Err(TextError::TooBig) => {
                (Code::TooBig, "the file is too large for a descriptor".to_owned())
            }
            Err(TextError::Unreadable(why)) => {
                (Code::MissingFile, format!("the file cannot be read: {why}"))
            }
        };
        self.log.about_file(Severity::Error, code, path, message);
        None
    }
}

pub(crate) fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

fn check_version(path: &str, root: &Node, log: &mut Log) {
    const KNOWN: [&str; 8] = [
        "tosca_simple_yaml_1_0",
        "tosca_simple_yaml_1_1",
        "tosca_simple_yaml_1_2",
        "tosca_simple_yaml_1_3",
        "tosca_1_0",
        "tosca_1_1",
        "tosca_1_2",
        "tosca_1_3",
    ];
    let help = "write `tosca_definitions_version: tosca_simple_yaml_1_3`";
    match root.get("tosca_definitions_version") {
        None => {
            let message = "`tosca_definitions_version` is missing: is this a TOSCA file?";
            log.about_file(Severity::Error, Code::UnknownVersion, path, message).help(help);
        }
        Some(version) if version.text().is_none_or(|text| !KNOWN.contains(&text)) => {
            let message = format!("{} is no TOSCA version that is known", version.describe());
            let near = version.text().and_then(|text| did_you_mean(text, KNOWN));
            log.error(Code::UnknownVersion, version.place, message)
                .maybe(near.or_else(|| Some(help.to_owned())));
        }
        Some(_) => {}
    }
}
