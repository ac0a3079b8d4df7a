//! Every type that the templates of a package may have: the standard's own and the package's.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::Kind;
use super::{Document, standard};
use crate::finding::{Code, Log, Place};
use crate::suggest::did_you_mean;
use crate::yaml::Node;

/// No type of the standard or of a vendor stands on so many others.
const MAX_ANCESTORS: usize = 64;

/// Where a type is defined in a service template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Node,
    Capability,
    Data,
    Policy,
    Group,
    Artifact,
    Interface,
}

impl Section {
    pub const ALL: [Self; 7] = [
        Self::Node,
        Self::Capability,
        Self::Data,
        Self::Policy,
        Self::Group,
        Self::Artifact,
        Self::Interface,
    ];

    /// The key in a service template.
    pub fn key(self) -> &'static str {
        match self {
            Self::Node => "node_types",
            Self::Capability => "capability_types",
            Self::Data => "data_types",
            Self::Policy => "policy_types",
            Self::Group => "group_types",
            Self::Artifact => "artifact_types",
            Self::Interface => "interface_types",
        }
    }

    /// For a message.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Node => "node type",
            Self::Capability => "capability type",
            Self::Data => "data type",
            Self::Policy => "policy type",
            Self::Group => "group type",
            Self::Artifact => "artifact type",
            Self::Interface => "interface type",
        }
    }
}

/// A type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Type {
    pub parent: Option<String>,
    pub properties: BTreeMap<String, Property>,
    /// Names of requirements, with the node type that each wants, if it says.
    pub requirements: BTreeMap<String, Option<String>>,
    /// Names of capabilities, with their types.
    pub capabilities: BTreeMap<String, String>,
    /// Properties that are not listed are welcome: the type is made to be extended.
    pub open: bool,
    /// The definition in the package; `None` for the standard's own types.
    pub definition: Option<Node>,
}

/// A property of a type.
#[derive(Debug, Clone)]
pub(crate) struct Property {
    pub kind: Kind,
    pub required: Required,
    pub default: Option<Node>,
}

impl Property {
    /// The texts that are allowed, when only some are.
    pub fn one_of(&self) -> Option<&[String]> {
        if let Kind::OneOf(values) = &self.kind { Some(values) } else { None }
    }
}

/// Whether a property may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    No,
    /// The standard wants it, and nothing depends on it: descriptions for people.
    Politely,
    Yes,
}

/// Every type that is known.
#[derive(Debug)]
pub(crate) struct Library {
    types: BTreeMap<(Section, String), Type>,
}

impl Library {
    /// The standard's types and those of the documents. The standard's own win over copies in a package,
    /// so that every release reads alike.
    pub fn new(documents: &[Document], log: &mut Log) -> Self {
        let mut library = Self { types: standard::types() };
        for document in documents {
            for section in Section::ALL {
                let Some(definitions) = document.root.get(section.key()) else { continue };
                for entry in definitions.entries() {
                    let key = (section, entry.key.text.clone());
                    library.types.entry(key).or_insert_with(|| from_definition(&entry.value));
                }
            }
        }
        library.check_ancestry(log);
        library
    }

    pub fn get(&self, section: Section, name: &str) -> Option<&Type> {
        self.types.get(&(section, name.to_owned()))
    }

    /// A type and those it derives from, nearest first. Ends where a circle closes, or where it
    /// becomes too long to be believed.
    pub fn ancestry<'a>(&'a self, section: Section, name: &str) -> Vec<(&'a str, &'a Type)> {
        let mut line: Vec<(&str, &Type)> = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(((_, name), found)) =
            next.and_then(|name| self.types.get_key_value(&(section, name)))
        {
            if line.len() >= MAX_ANCESTORS || line.iter().any(|(seen, _)| seen == name) {
                break;
            }
            line.push((name, found));
            next = found.parent.clone();
        }
        line
    }

    /// Whether a type is, or derives from, another.
    pub fn is_a(&self, section: Section, name: &str, base: &str) -> bool {
        name == base || self.ancestry(section, name).iter().any(|(ancestor, _)| *ancestor == base)
    }

    /// All properties of a type, its own and inherited.
    pub fn properties(&self, section: Section, name: &str) -> BTreeMap<&str, &Property> {
        let line = self.ancestry(section, name);
        let all = line.iter().rev().flat_map(|(_, found)| &found.properties);
        all.map(|(name, property)| (name.as_str(), property)).collect()
    }

    /// Whether properties that are not listed are welcome.
    pub fn is_open(&self, section: Section, name: &str) -> bool {
        let line = self.ancestry(section, name);
        line.iter().any(|(_, found)| found.open) || is_foreign(name) || self.leads_outside(&line)
    }

    /// The names of requirements of a node type, with the node type that each wants.
    pub fn requirements(&self, name: &str) -> BTreeMap<&str, Option<&str>> {
        let line = self.ancestry(Section::Node, name);
        let all = line.iter().rev().flat_map(|(_, found)| &found.requirements);
        all.map(|(name, node)| (name.as_str(), node.as_deref())).collect()
    }

    /// The names of capabilities of a node type, with their types.
    pub fn capabilities(&self, name: &str) -> BTreeMap<&str, &str> {
        let line = self.ancestry(Section::Node, name);
        let all = line.iter().rev().flat_map(|(_, found)| &found.capabilities);
        all.map(|(name, capability)| (name.as_str(), capability.as_str())).collect()
    }

    /// Notes a type that nobody defines. Types of TOSCA itself are not listed here, and need not be.
    pub fn expect(&self, section: Section, name: &str, place: Place, log: &mut Log) -> bool {
        if is_foreign(name) || self.get(section, name).is_some() {
            return true;
        }
        let names = self.types.keys().filter(|(s, _)| *s == section).map(|(_, name)| name.as_str());
        log.error(Code::UnknownType, place, format!("there is no {} `{name}`", section.noun()))
            .near(|| did_you_mean(name, names));
        false
    }

    fn leads_outside(&self, line: &[(&str, &Type)]) -> bool {
        line.last().and_then(|(_, last)| last.parent.as_deref()).is_some_and(|p| !is_root(p))
    }

    fn check_ancestry(&self, log: &mut Log) {
        for ((section, name), found) in &self.types {
            let (Some(definition), Some(parent)) = (&found.definition, &found.parent) else {
                continue;
            };
            let place = definition.get("derived_from").map_or(definition.place, |node| node.place);
            if !self.expect(*section, parent, place, log) {
                continue;
            }
            let line = self.ancestry(*section, name);
            if line.len() >= MAX_ANCESTORS {
                log.error(Code::TooBig, place, format!("`{name}` derives from too many types"))
                    .help(format!("at most {MAX_ANCESTORS} types stand above one another"));
                return;
            }
            let last = line.last().and_then(|(_, last)| last.parent.as_deref());
            if last == Some(name) {
                let chain: Vec<&str> = line.iter().map(|(name, _)| *name).chain(last).collect();
                log.error(Code::TypeCycle, place, "types derive from each other in a circle")
                    .help(chain.join(" -> "));
            }
        }
    }
}

/// Types of TOSCA itself, which are not listed in the library.
fn is_foreign(name: &str) -> bool {
    name.starts_with("tosca.") && !name.contains(".nfv.")
}

/// The roots of TOSCA's own types, which have no properties.
fn is_root(name: &str) -> bool {
    name.starts_with("tosca.") && (name.ends_with(".Root") || name.ends_with(".Placement"))
        || name == "tosca.capabilities.Node"
}

fn from_definition(node: &Node) -> Type {
    let properties = node.get("properties").map_or(&[][..], Node::entries);
    let properties =
        properties.iter().map(|entry| (entry.key.text.clone(), property(&entry.value))).collect();
    let capability = |value: &Node| {
        value.text().or_else(|| value.get("type")?.text()).unwrap_or_default().to_owned()
    };
    let capabilities = node.get("capabilities").map_or(&[][..], Node::entries);
    Type {
        parent: node.get("derived_from").and_then(Node::text).map(str::to_owned),
        properties,
        requirements: requirements(node).into_iter().collect(),
        capabilities: capabilities
            .iter()
            .map(|entry| (entry.key.text.clone(), capability(&entry.value)))
            .filter(|(_, name)| !name.is_empty())
            .collect(),
        open: false,
        definition: Some(node.clone()),
    }
}

fn property(node: &Node) -> Property {
    let default = node.get("default").cloned();
    let optional = node.get("required").and_then(Node::boolean) == Some(false);
    let required = if optional || default.is_some() { Required::No } else { Required::Yes };
    Property { kind: Kind::from_definition(node), required, default }
}

/// Requirement definitions are a list of maps of one entry.
fn requirements(node: &Node) -> Vec<(String, Option<String>)> {
    let definitions = node.get("requirements").map_or(&[][..], Node::items);
    let mut seen = BTreeSet::new();
    definitions
        .iter()
        .flat_map(Node::entries)
        .filter(|entry| seen.insert(&entry.key.text))
        .map(|entry| {
            let wants = entry.value.get("node").and_then(Node::text).map(str::to_owned);
            (entry.key.text.clone(), wants)
        })
        .collect()
}
