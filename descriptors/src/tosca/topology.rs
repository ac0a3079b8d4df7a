//! A topology template for one choice of inputs.

use std::collections::BTreeMap;

use super::functions::{self, Scope};
use super::template::Group;
use super::template::named;
use super::{Document, Library, Policy, Section, Template};
use crate::finding::Log;
use crate::yaml::{Entry, Key, Node};

/// Functions that give functions are followed this deep.
const FUNCTION_DEPTH: usize = 8;

/// The inputs that a template declares, with their values as far as they are known.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs(BTreeMap<String, Option<Node>>);

impl Inputs {
    /// The inputs of a document, with values for those that have no default.
    pub fn declared(document: &Document, values: &BTreeMap<String, Node>) -> Self {
        let declared = named(document.root.at(&["topology_template", "inputs"]));
        let value = |entry: &Entry| {
            values.get(&entry.key.text).or_else(|| entry.value.get("default")).cloned()
        };
        Self(declared.map(|entry| (entry.key.text.clone(), value(entry))).collect())
    }

    /// An input: `None` if it is not declared, `Some(None)` if its value is not known.
    pub fn get(&self, name: &str) -> Option<Option<&Node>> {
        self.0.get(name).map(Option::as_ref)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Every input with its value, if that is known.
    pub fn values(&self) -> impl Iterator<Item = (&str, Option<&Node>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_ref()))
    }
}

/// A topology template for one choice of inputs.
#[derive(Debug)]
pub(crate) struct Topology {
    pub file: String,
    pub nodes: BTreeMap<String, Template>,
    pub groups: BTreeMap<String, Group>,
    pub policies: Vec<Policy>,
    pub inputs: Inputs,
    /// The requirements of the substitution mappings: names with the node template and its requirement.
    pub mapped_requirements: Vec<Entry>,
}

impl Topology {
    /// Reads the topology of a document: resolves functions and fills in the defaults of types.
    ///
    /// `outer` is the node template that this topology substitutes, when there is one: a node template
    /// of its type stands for the same thing, and has its properties.
    pub fn read(
        document: &Document,
        library: &Library,
        inputs: Inputs,
        outer: Option<&Template>,
        log: &mut Log,
    ) -> Self {
        let template = document.root.get("topology_template");
        let part = |name: &str| template.and_then(|template| template.get(name));
        let mut topology = Self {
            file: document.file.clone(),
            nodes: BTreeMap::new(),
            groups: BTreeMap::new(),
            policies: Vec::new(),
            mapped_requirements: named(
                part("substitution_mappings").and_then(|s| s.get("requirements")),
            )
            .cloned()
            .collect(),
            inputs,
        };
        for entry in named(part("node_templates")) {
            let mut node = Template::read(&document.file, &entry.key, &entry.value, log);
            if let Some(outer) = outer.filter(|outer| outer.type_name == node.type_name) {
                fill(&mut node.properties, outer.properties.entries().iter().cloned());
            }
            fill_defaults(&mut node, library);
            topology.nodes.insert(node.name.clone(), node);
        }
        for entry in named(part("groups")) {
            topology
                .groups
                .insert(entry.key.text.clone(), Group::read(&entry.key, &entry.value, log));
        }
        for entry in named(part("policies")) {
            topology.policies.push(Policy::read(&entry.key, &entry.value, log));
        }
        topology.resolve(log);
        topology
    }

    /// Node templates of a type or of one that derives from it, in the order of their names.
    pub fn of_type<'a>(
        &'a self,
        library: &'a Library,
        base: &'a str,
    ) -> impl Iterator<Item = &'a Template> {
        self.nodes.values().filter(move |node| library.is_a(Section::Node, &node.type_name, base))
    }

    /// Policies of a type or of one that derives from it, in the order of the file.
    pub fn policies_of<'a>(
        &'a self,
        library: &'a Library,
        base: &'a str,
    ) -> impl Iterator<Item = &'a Policy> {
        self.policies.iter().filter(move |p| library.is_a(Section::Policy, &p.type_name, base))
    }

    fn resolve(&mut self, log: &mut Log) {
        let scope = Scope {
            inputs: &self.inputs,
            nodes: self
                .nodes
                .iter()
                .map(|(n, node)| (n.clone(), node.properties.clone()))
                .collect(),
            depth: FUNCTION_DEPTH,
        };
        for node in self.nodes.values_mut() {
            for part in [&mut node.properties, &mut node.capabilities, &mut node.interfaces] {
                *part = functions::resolve(part, &node.name, &scope, log);
            }
            for artifact in &mut node.artifacts {
                artifact.properties =
                    functions::resolve(&artifact.properties, &node.name, &scope, log);
            }
        }
        for policy in &mut self.policies {
            policy.properties = functions::resolve(&policy.properties, &policy.name, &scope, log);
        }
    }
}

fn fill_defaults(node: &mut Template, library: &Library) {
    let properties = library.properties(Section::Node, &node.type_name);
    let defaults = properties.into_iter().filter_map(|(name, property)| {
        let value = property.default.clone()?;
        // Findings about a default point to the type that has it.
        Some(Entry { key: Key { text: name.to_owned(), place: value.place }, value })
    });
    fill(&mut node.properties, defaults);
}

/// Adds what is not there yet.
fn fill(properties: &mut Node, more: impl Iterator<Item = Entry>) {
    let mut entries = properties.entries().to_vec();
    for entry in more.filter(|entry| properties.get(&entry.key.text).is_none()) {
        entries.retain(|old| old.key.text != entry.key.text);
        entries.push(entry);
    }
    // What is not a map stays, for the checks to note.
    if !entries.is_empty() {
        *properties = Node::map(properties.place, entries);
    }
}
