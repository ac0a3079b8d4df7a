//! What a topology is made of: node templates, groups and policies.

use std::collections::BTreeMap;

use super::load::resolve_path;
use crate::finding::{Code, Log, Place};
use crate::yaml::{Entry, Key, Node};

/// A node template, its inputs resolved and its type's defaults filled in.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub name: String,
    /// Where its name stands.
    pub place: Place,
    pub type_name: String,
    /// Where its type is named.
    pub type_place: Place,
    /// A map.
    pub properties: Node,
    pub requirements: Vec<Requirement>,
    /// A map of names to `{properties: ...}`.
    pub capabilities: Node,
    pub artifacts: Vec<Artifact>,
    /// A map of names to operations.
    pub interfaces: Node,
    pub metadata: BTreeMap<String, String>,
}

/// A node template needs another.
#[derive(Debug, Clone)]
pub(crate) struct Requirement {
    pub name: String,
    /// The node template; `None` when it is left to substitution mappings or to the orchestrator.
    pub node: Option<String>,
    pub place: Place,
}

/// A file that belongs to a node template.
#[derive(Debug, Clone)]
pub(crate) struct Artifact {
    pub name: String,
    pub type_name: Option<String>,
    /// From the root of the package, or a URL.
    pub file: String,
    pub properties: Node,
    pub place: Place,
}

/// Node templates that policies name together.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub type_name: String,
    pub place: Place,
    pub members: Vec<(String, Place)>,
    pub properties: Node,
}

/// A rule about node templates and groups.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub name: String,
    pub type_name: String,
    pub place: Place,
    pub targets: Vec<(String, Place)>,
    pub properties: Node,
}

impl Template {
    /// A property.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.properties.get(name)
    }

    /// A property's text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text().map(str::to_owned)
    }

    /// A property's text, empty when there is none: for what checks have noted as missing already.
    pub fn text_or_empty(&self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// The node templates that fulfil a requirement.
    pub fn required<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, Place)> {
        let of_name = self.requirements.iter().filter(move |r| r.name == name);
        of_name.filter_map(|requirement| Some((requirement.node.as_deref()?, requirement.place)))
    }

    pub(super) fn read(file: &str, key: &Key, node: &Node, log: &mut Log) -> Self {
        let map = |name: &str| {
            node.get(name).cloned().unwrap_or_else(|| Node::map(key.place, Vec::new()))
        };
        Self {
            name: key.text.clone(),
            place: key.place,
            type_name: type_name(node, key, log),
            type_place: node.get("type").map_or(key.place, |name| name.place),
            properties: map("properties"),
            requirements: requirements(node, log),
            capabilities: map("capabilities"),
            artifacts: artifacts(file, node, log),
            interfaces: map("interfaces"),
            metadata: node.get("metadata").map(Node::text_map).unwrap_or_default(),
        }
    }
}

impl Group {
    pub(super) fn read(key: &Key, node: &Node, log: &mut Log) -> Self {
        Self {
            type_name: type_name(node, key, log),
            place: key.place,
            members: names(node.get("members")),
            properties: properties(node),
        }
    }
}

impl Policy {
    pub(super) fn read(key: &Key, node: &Node, log: &mut Log) -> Self {
        Self {
            name: key.text.clone(),
            type_name: type_name(node, key, log),
            place: key.place,
            targets: names(node.get("targets")),
            properties: properties(node),
        }
    }
}

/// Named things are a list of maps of one entry, or a map.
pub(super) fn named(node: Option<&Node>) -> impl Iterator<Item = &Entry> {
    let node = node.into_iter();
    node.flat_map(|node| node.entries().iter().chain(node.items().iter().flat_map(Node::entries)))
}

/// Reads the artifacts of a node template or node type.
pub(crate) fn artifacts(file: &str, node: &Node, log: &mut Log) -> Vec<Artifact> {
    let mut found = Vec::new();
    for entry in named(node.get("artifacts")) {
        let value = entry.value.get("file").unwrap_or(&entry.value);
        let Some(path) = value.text() else {
            log.error(Code::BadStructure, entry.key.place, "this artifact names no file")
                .help("write `file: Files/...`");
            continue;
        };
        let Some(path) = artifact_path(file, path) else {
            let message = format!("`{path}` leads out of the package");
            log.error(Code::MissingFile, value.place, message);
            continue;
        };
        found.push(Artifact {
            name: entry.key.text.clone(),
            type_name: entry.value.get("type").and_then(Node::text).map(str::to_owned),
            file: path,
            properties: properties(&entry.value),
            place: value.place,
        });
    }
    found
}

/// A URL as it is, a path from the root of the package.
pub(crate) fn artifact_path(from_file: &str, path: &str) -> Option<String> {
    if path.contains("://") { Some(path.to_owned()) } else { resolve_path(from_file, path) }
}

fn properties(node: &Node) -> Node {
    node.get("properties").cloned().unwrap_or_else(|| Node::map(node.place, Vec::new()))
}

fn names(node: Option<&Node>) -> Vec<(String, Place)> {
    let items = node.map_or(&[][..], Node::items);
    items.iter().filter_map(|item| Some((item.text()?.to_owned(), item.place))).collect()
}

fn type_name(node: &Node, key: &Key, log: &mut Log) -> String {
    let name = node.get("type").and_then(Node::text);
    if name.is_none() {
        log.error(Code::BadStructure, key.place, format!("`{}` has no type", key.text))
            .help("write `type:` and the name of a type");
    }
    name.unwrap_or_default().to_owned()
}

fn requirements(node: &Node, log: &mut Log) -> Vec<Requirement> {
    let mut found = Vec::new();
    for entry in named(node.get("requirements")) {
        let target = &entry.value;
        let node = target
            .text()
            .or_else(|| target.get("node")?.text())
            .or_else(|| target.items().first()?.text());
        if node.is_none() && !target.is_null() && target.get("node_filter").is_none() {
            let message = format!("the requirement `{}` names no node template", entry.key.text);
            log.warning(Code::BadStructure, entry.key.place, message);
        }
        found.push(Requirement {
            name: entry.key.text.clone(),
            node: node.map(str::to_owned),
            place: if target.is_null() { entry.key.place } else { target.place },
        });
    }
    found
}
