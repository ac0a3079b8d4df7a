//! Where reading starts.

use std::collections::BTreeSet;

use crate::finding::{Code, Log, Severity};
use crate::package::ToscaMeta;
use crate::tosca::{
    Files, Inputs, Library, MAX_DOCUMENTS, Topology, is_standard_file, is_yaml, load, resolve_path,
};
use crate::yaml::{self, Node};

const META: &str = "TOSCA-Metadata/TOSCA.meta";

/// The file that TOSCA.meta names; else the YAML file at the root that no other imports.
pub(super) fn find(files: &mut dyn Files, log: &mut Log) -> Option<String> {
    if let Some(meta) = files.text(META).ok().map(|text| ToscaMeta::parse(&text)) {
        if let Some(entry) = meta.entry_definitions() {
            return Some(entry.to_owned());
        }
        log.about_file(Severity::Error, Code::BadMeta, META, "`Entry-Definitions` is missing")
            .help("write `Entry-Definitions: Definitions/<the VNFD>.yaml`");
        return None;
    }
    let all: Vec<String> =
        files.paths().into_iter().filter(|p| is_yaml(p) && !is_standard_file(p)).collect();
    let at_root: Vec<String> = all.iter().filter(|path| !path.contains('/')).cloned().collect();
    let candidates = if at_root.is_empty() && !files.is_whole() { all } else { at_root };
    let candidates = candidates.into_iter().take(MAX_DOCUMENTS).collect::<Vec<_>>();
    let mut tops = not_imported(files, &candidates);
    if let (Some(entry), true) = (tops.pop(), tops.is_empty()) {
        return Some(entry);
    }
    let (file, message) = match candidates.first() {
        None => ("", "the package has no TOSCA.meta, and no YAML file at its root"),
        Some(first) => (first.as_str(), "several YAML files could be the descriptor"),
    };
    log.about_file(Severity::Error, Code::NoEntry, file, message).help(
        "add TOSCA-Metadata/TOSCA.meta with `Entry-Definitions`, or keep one YAML file at the root",
    );
    None
}

/// Whether a file describes a network service. What cannot be read does not.
pub(super) fn describes_ns(files: &mut dyn Files, entry: &str) -> bool {
    let log = &mut Log::default();
    let documents = load(files, entry, log);
    let library = Library::new(&documents, log);
    documents.first().is_some_and(|document| {
        let topology = Topology::read(document, &library, Inputs::default(), None, log);
        topology.of_type(&library, super::nsd::NS).next().is_some()
    })
}

fn not_imported(files: &mut dyn Files, candidates: &[String]) -> Vec<String> {
    let mut imports = BTreeSet::new();
    for path in candidates {
        let text = files.text(path).unwrap_or_default();
        if let Some(root) = yaml::parse(path, &text, &mut Log::default()) {
            imports.extend(imported(path, &root));
        }
    }
    candidates.iter().filter(|path| !imports.contains(*path)).cloned().collect()
}

fn imported(from: &str, root: &Node) -> Vec<String> {
    let Some(imports) = root.get("imports") else { return Vec::new() };
    let text = |node: &Node| node.text().or_else(|| node.get("file")?.text()).map(str::to_owned);
    let items = imports.items().iter().chain(imports.entries().iter().map(|entry| &entry.value));
    items
        .flat_map(|item| {
            let named = item.entries().iter().map(|entry| &entry.value);
            std::iter::once(item).chain(named).filter_map(text).collect::<Vec<_>>()
        })
        .filter_map(|path| resolve_path(from, &path))
        .collect()
}
