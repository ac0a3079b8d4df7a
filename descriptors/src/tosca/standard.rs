//! The types of SOL001, known without their files: packages may leave those out.
//!
//! The three `.types` files hold one type after another, releases 2.6.1, 3.3.1 and 4.4.1 united:
//!
//! ```text
//! node VduCp < Cp              section, name, parent; `tosca.nodes.nfv.` left out
//! data KvpData *               `*`: made to be extended
//!   order integer              a property
//!   vdu_profile! VduProfile    `!`: required in every release; `~`: required, but only people miss it
//!   role string(root|leaf)     its values
//!   boot_data BootData/string  releases differ
//!   > virtual_binding          a requirement, and the node type it wants
//!   + virtual_compute VirtualCompute     a capability and its type
//! ```

use std::collections::BTreeMap;

use super::kind::Kind;
use super::library::{Property, Required, Section, Type};

const FILES: [&str; 3] = [
    include_str!("standard/nodes.types"),
    include_str!("standard/data.types"),
    include_str!("standard/policies.types"),
];

/// Every type of the standard.
pub(super) fn types() -> BTreeMap<(Section, String), Type> {
    let mut types = BTreeMap::new();
    for file in FILES {
        let mut current: Option<((Section, String), Type)> = None;
        for line in file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            match (line.strip_prefix("  "), &mut current) {
                (Some(member), Some((_, current))) => add_member(current, member),
                _ => types.extend(std::mem::replace(&mut current, heading(line))),
            }
        }
        types.extend(current);
    }
    types
}

/// Whether a file is one that the standard publishes, by its name.
pub(crate) fn is_standard_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.starts_with("etsi_nfv_sol001_") && name.contains("types")
}

fn heading(line: &str) -> Option<((Section, String), Type)> {
    let mut words = line.split(' ');
    let section = match words.next()? {
        "node" => Section::Node,
        "capability" => Section::Capability,
        "data" => Section::Data,
        "policy" => Section::Policy,
        "group" => Section::Group,
        "artifact" => Section::Artifact,
        _ => Section::Interface,
    };
    let name = full_name(section, words.next()?);
    let mut found = Type { open: line.ends_with(" *"), ..Type::default() };
    if words.next() == Some("<") {
        found.parent = words.next().map(|parent| full_name(section, parent));
    }
    Some(((section, name), found))
}

fn add_member(current: &mut Type, member: &str) {
    let (name, rest) = member.split_once(' ').unwrap_or((member, ""));
    let (second, third) = rest.split_once(' ').unwrap_or((rest, ""));
    match name {
        ">" => {
            let wants = (!third.is_empty()).then(|| full_name(Section::Node, third));
            current.requirements.insert(second.to_owned(), wants);
        }
        "+" => {
            current.capabilities.insert(second.to_owned(), full_name(Section::Capability, third));
        }
        _ => {
            let required = match name.chars().last() {
                Some('!') => Required::Yes,
                Some('~') => Required::Politely,
                _ => Required::No,
            };
            let name = name.trim_end_matches(['!', '~']).to_owned();
            let property = Property { kind: Kind::from_notation(rest), required, default: None };
            current.properties.insert(name, property);
        }
    }
}

fn full_name(section: Section, name: &str) -> String {
    if name.starts_with("tosca.") {
        return name.to_owned();
    }
    let prefix = match section {
        Section::Node => "nodes",
        Section::Capability => "capabilities",
        Section::Data => "datatypes",
        Section::Policy => "policies",
        Section::Group => "groups",
        Section::Artifact => "artifacts",
        Section::Interface => "interfaces",
    };
    format!("tosca.{prefix}.nfv.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_is_named_is_there() {
        let types = types();
        let named = |section, name: &str| {
            assert!(
                types.contains_key(&(section, name.to_owned())) || !name.contains(".nfv."),
                "{name} is named but not defined"
            );
        };
        for ((section, _), found) in &types {
            found.parent.iter().for_each(|parent| named(*section, parent));
            found.requirements.values().flatten().for_each(|node| named(Section::Node, node));
            found.capabilities.values().for_each(|name| named(Section::Capability, name));
            for name in found.properties.values().flat_map(|property| data_types(&property.kind)) {
                named(Section::Data, name);
            }
        }
        assert!(types.len() > 150, "{} types", types.len());
    }

    fn data_types(kind: &Kind) -> Vec<&str> {
        if let Kind::List(item) | Kind::Map(item) = kind {
            data_types(item)
        } else if let Kind::Either(kinds) = kind {
            kinds.iter().flat_map(data_types).collect()
        } else if let Kind::Data(name) = kind {
            vec![name]
        } else {
            Vec::new()
        }
    }
}
