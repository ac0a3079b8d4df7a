//! Whether templates are what their types say.

use super::functions::is_function;
use super::kind::Kind;
use super::library::Required;
use super::{Library, Section, Template, Topology};
use crate::finding::{Code, Log, Place};
use crate::suggest::did_you_mean;
use crate::yaml::Node;

impl Topology {
    /// Notes everything in which the templates differ from their types.
    pub fn check(&self, library: &Library, log: &mut Log) {
        let mut check = Check { library, log };
        for node in self.nodes.values() {
            check.node(node, self);
        }
        for (name, group) in &self.groups {
            if check.library.expect(Section::Group, &group.type_name, group.place, check.log) {
                let owner = format!("group `{name}`");
                let about =
                    About { section: Section::Group, type_name: &group.type_name, owner: &owner };
                check.properties(&about, &group.properties, group.place);
            }
            check.targets(self, &group.members, "member");
        }
        for policy in &self.policies {
            if check.library.expect(Section::Policy, &policy.type_name, policy.place, check.log) {
                let owner = format!("policy `{}`", policy.name);
                let about =
                    About { section: Section::Policy, type_name: &policy.type_name, owner: &owner };
                check.properties(&about, &policy.properties, policy.place);
            }
            check.targets(self, &policy.targets, "target");
        }
    }
}

struct Check<'a> {
    library: &'a Library,
    log: &'a mut Log,
}

/// Whose properties are checked.
struct About<'a> {
    section: Section,
    type_name: &'a str,
    owner: &'a str,
}

impl Check<'_> {
    fn node(&mut self, node: &Template, topology: &Topology) {
        if !self.library.expect(Section::Node, &node.type_name, node.type_place, self.log) {
            return;
        }
        let owner = format!("`{}`", node.name);
        let about = About { section: Section::Node, type_name: &node.type_name, owner: &owner };
        self.properties(&about, &node.properties, node.place);
        self.capabilities(node);
        self.requirements(node, topology);
        for artifact in &node.artifacts {
            let Some(type_name) = &artifact.type_name else { continue };
            if self.library.expect(Section::Artifact, type_name, artifact.place, self.log) {
                let owner = format!("artifact `{}`", artifact.name);
                let about = About { section: Section::Artifact, type_name, owner: &owner };
                self.properties(&about, &artifact.properties, artifact.place);
            }
        }
    }

    fn capabilities(&mut self, node: &Template) {
        let known = self.library.capabilities(&node.type_name);
        for entry in node.capabilities.entries() {
            let name = entry.key.text.as_str();
            let Some(type_name) = known.get(name) else {
                if !self.library.is_open(Section::Node, &node.type_name) && name != "feature" {
                    let message = format!("{} has no capability `{name}`", node.type_name);
                    self.log
                        .warning(Code::UnknownProperty, entry.key.place, message)
                        .near(|| did_you_mean(name, known.keys().copied()));
                }
                continue;
            };
            let owner = format!("capability `{name}` of `{}`", node.name);
            let about = About { section: Section::Capability, type_name, owner: &owner };
            if let Some(properties) = entry.value.get("properties") {
                self.properties(&about, properties, entry.key.place);
            }
        }
    }

    fn requirements(&mut self, node: &Template, topology: &Topology) {
        let known = self.library.requirements(&node.type_name);
        // Any number of links may be required of a VNF, PNF or NS: `virtual_link_1` and so on.
        let open = self.library.is_open(Section::Node, &node.type_name);
        let takes_links = known.contains_key("virtual_link");
        for requirement in &node.requirements {
            let name = requirement.name.as_str();
            let wants = known.get(name);
            let is_link = takes_links && name.starts_with("virtual_link");
            if wants.is_none() && !open && !is_link && name != "dependency" {
                let message = format!("{} has no requirement `{name}`", node.type_name);
                self.log
                    .warning(Code::UnknownRequirement, requirement.place, message)
                    .near(|| did_you_mean(name, known.keys().copied()));
            }
            let Some(target) = &requirement.node else { continue };
            let Some(found) = topology.nodes.get(target) else {
                // A requirement may name a type: the orchestrator finds the node then.
                if self.library.get(Section::Node, target).is_none() {
                    let message = format!("there is no node template `{target}`");
                    self.log
                        .error(Code::UnknownNode, requirement.place, message)
                        .near(|| did_you_mean(target, topology.nodes.keys().map(String::as_str)));
                }
                continue;
            };
            if let Some(wants) = wants.copied().flatten()
                && !self.library.is_a(Section::Node, &found.type_name, wants)
            {
                let message = format!("`{target}` is a {}, not a {wants}", found.type_name);
                self.log
                    .error(Code::WrongNode, requirement.place, message)
                    .help(format!("`{name}` needs a {wants}"));
            }
        }
    }

    fn targets(&mut self, topology: &Topology, targets: &[(String, Place)], noun: &str) {
        for (target, place) in targets {
            if !topology.nodes.contains_key(target) && !topology.groups.contains_key(target) {
                let known = topology.nodes.keys().chain(topology.groups.keys());
                let message = format!("the {noun} `{target}` is no node template and no group");
                self.log
                    .error(Code::UnknownTarget, *place, message)
                    .near(|| did_you_mean(target, known.map(String::as_str)));
            }
        }
    }

    fn properties(&mut self, about: &About<'_>, given: &Node, place: Place) {
        if is_function(given) {
            return;
        }
        if !matches!(given.value, crate::yaml::Value::Map(_)) && !given.is_null() {
            let message = format!("{} has {} where a map belongs", about.owner, given.describe());
            self.log.error(Code::WrongType, given.place, message);
            return;
        }
        let known = self.library.properties(about.section, about.type_name);
        for entry in given.entries() {
            let name = entry.key.text.as_str();
            if let Some(property) = known.get(name) {
                self.value(&entry.value, &property.kind, name);
            } else if !self.library.is_open(about.section, about.type_name) {
                let message = format!("{} has no property `{name}`", about.type_name);
                self.log
                    .warning(Code::UnknownProperty, entry.key.place, message)
                    .near(|| did_you_mean(name, known.keys().copied()));
            }
        }
        for (name, property) in known {
            if property.required == Required::No || given.get(name).is_some() {
                continue;
            }
            let message = format!("{} has no `{name}`", about.owner);
            let help = format!("`{name}` is {}", property.kind.describe());
            if property.required == Required::Yes {
                self.log.error(Code::MissingProperty, place, message).help(help);
            } else {
                self.log.warning(Code::MissingProperty, place, message).help(help);
            }
        }
    }

    fn value(&mut self, node: &Node, kind: &Kind, name: &str) {
        if node.is_null() || is_function(node) {
            return;
        }
        match kind {
            Kind::Any => {}
            Kind::String => self.expect(node.text().is_some(), node, kind, name),
            Kind::Integer => self.expect(node.integer().is_some(), node, kind, name),
            Kind::Float => self.expect(node.float().is_some(), node, kind, name),
            Kind::Boolean => self.expect(node.boolean().is_some(), node, kind, name),
            Kind::Range => {
                let ends = node.items().iter().filter_map(Node::integer).count();
                self.expect(ends == 2 && node.items().len() == 2, node, kind, name);
            }
            Kind::Amount(unit) => match node.text().map(|text| unit.parse(text)) {
                Some(Ok(_)) => {}
                Some(Err(why)) => self
                    .log
                    .error(Code::BadUnit, node.place, format!("`{name}`: {why}"))
                    .help(format!("write {}", unit.example())),
                None => self.expect(false, node, kind, name),
            },
            Kind::OneOf(values) => self.one_of(node, kind, values, name),
            Kind::List(item) => {
                self.expect(matches!(node.value, crate::yaml::Value::List(_)), node, kind, name);
                node.items().iter().for_each(|one| self.value(one, item, name));
            }
            Kind::Map(item) => {
                self.expect(matches!(node.value, crate::yaml::Value::Map(_)), node, kind, name);
                node.entries()
                    .iter()
                    .for_each(|one| self.map_value(&one.value, item, &one.key.text));
            }
            Kind::Data(type_name) => self.data(node, type_name, name),
            Kind::Either(kinds) => match kinds.iter().find(|kind| kind.has_shape_of(node)) {
                Some(kind) => self.value(node, kind, name),
                None => self.expect(false, node, kind, name),
            },
        }
    }

    /// Values of maps of texts are seen as numbers, lists and maps in the wild; they are kept as texts.
    fn map_value(&mut self, node: &Node, kind: &Kind, name: &str) {
        if *kind != Kind::String {
            self.value(node, kind, name);
        }
    }

    fn data(&mut self, node: &Node, type_name: &str, name: &str) {
        if self.library.expect(Section::Data, type_name, node.place, self.log) {
            let owner = format!("`{name}`");
            let about = About { section: Section::Data, type_name, owner: &owner };
            self.properties(&about, node, node.place);
        }
    }

    fn one_of(&mut self, node: &Node, kind: &Kind, values: &[String], name: &str) {
        match node.text() {
            None => self.expect(false, node, kind, name),
            Some(text) if !values.iter().any(|value| value == text) => self
                .log
                .error(Code::BadValue, node.place, format!("`{name}` cannot be `{text}`"))
                .near(|| did_you_mean(text, values.iter().map(String::as_str))),
            Some(_) => {}
        }
    }

    fn expect(&mut self, is_right: bool, node: &Node, kind: &Kind, name: &str) {
        if !is_right {
            let message = format!("`{name}` is {}, which has the wrong type", node.describe());
            self.log
                .error(Code::WrongType, node.place, message)
                .help(format!("`{name}` is {}", kind.describe()));
        }
    }
}
