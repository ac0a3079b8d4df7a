//! From TOSCA to a VNFD.

mod connection;
mod container;
mod flavour;
mod image;
mod lifecycle;
mod placement;
mod scaling;
mod scaling_check;
mod storage;
mod vdu;

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, StatedImage};
use crate::finding::{Code, Log, Severity};
use crate::suggest::did_you_mean;
use crate::tosca::{
    Document, Files, Inputs, Library, Section, Template, Topology, is_yaml, load, resolve_path,
};
use crate::vnfd::Vnfd;
use crate::yaml::Node;

pub(super) const VNF: &str = "tosca.nodes.nfv.VNF";

/// Reads a VNFD from the file that the package names.
pub(super) fn read(
    files: &mut dyn Files,
    entry: &str,
    log: &mut Log,
) -> Option<(Vnfd, Vec<StatedImage>)> {
    let mut documents = load(files, entry, log);
    if documents.first().is_none_or(|document| document.file != entry) {
        return None;
    }
    add_flavours_beside(files, entry, &mut documents, log);
    let library = Library::new(&documents, log);
    let substitutes = Substitutes::find(&documents, &library, VNF);
    let entry = &documents[0];
    let top = Topology::read(entry, &library, Inputs::declared(entry, &BTreeMap::new()), None, log);
    let Some(vnf) = top.of_type(&library, VNF).next() else {
        let message =
            "no node template is a tosca.nodes.nfv.VNF, or of a type that derives from it";
        log.about_file(Severity::Error, Code::NoFunction, &entry.file, message)
            .help("a VNFD has one: the VNF itself");
        return None;
    };
    let mut images = Vec::new();
    let paths = files.paths();
    let mut flavours = Vec::new();
    for document in &substitutes.documents {
        let topology = substitutes.topology(document, vnf, &library, log);
        topology.check(&library, log);
        let is_whole = files.is_whole();
        let mut context = Context {
            library: &library,
            topology: &topology,
            paths: &paths,
            is_whole,
            images: &mut images,
            log,
        };
        flavours.extend(flavour::read(&mut context));
    }
    check_flavour_ids(vnf, &flavours, &library, log);
    let default_flavour = vnf
        .text("flavour_id")
        .or_else(|| {
            let properties = library.properties(Section::Node, &vnf.type_name);
            properties.get("flavour_id")?.default.as_ref()?.text().map(str::to_owned)
        })
        .filter(|id| flavours.iter().any(|flavour| flavour.id == id.as_str()))
        .or_else(|| flavours.first().map(|flavour| flavour.id.to_string()))?;
    let texts = |name: &str| vnf.get(name).map(Node::texts).unwrap_or_default();
    let vnfd = Vnfd {
        id: vnf.text_or_empty("descriptor_id").into(),
        ext_invariant_id: vnf.text("ext_invariant_id"),
        provider: vnf.text_or_empty("provider"),
        product_name: vnf.text_or_empty("product_name"),
        software_version: vnf.text_or_empty("software_version"),
        descriptor_version: vnf.text_or_empty("descriptor_version"),
        product_info_name: vnf.text("product_info_name"),
        product_info_description: vnf.text("product_info_description"),
        vnfm_info: texts("vnfm_info"),
        localization_languages: texts("localization_languages"),
        default_localization_language: vnf.text("default_localization_language"),
        default_flavour: default_flavour.into(),
        flavours,
    };
    Some((vnfd, images))
}

/// Templates of flavours need not be imported by the file that reading starts from, only lie beside it.
fn add_flavours_beside(
    files: &mut dyn Files,
    entry: &str,
    documents: &mut Vec<Document>,
    log: &mut Log,
) {
    let folder = resolve_path(entry, "").unwrap_or_default();
    for path in files.paths() {
        let is_beside = resolve_path(&path, "").is_some_and(|other| other == folder);
        if !is_yaml(&path) || !is_beside || documents.iter().any(|have| have.file == path) {
            continue;
        }
        // A file that nobody names may be anything; it counts only if it says what it substitutes.
        let is_flavour = files.text(&path).is_ok_and(|text| text.contains("substitution_mappings"));
        if is_flavour {
            let more = load(files, &path, log);
            let known: BTreeSet<String> = documents.iter().map(|have| have.file.clone()).collect();
            documents.extend(more.into_iter().filter(|document| !known.contains(&document.file)));
        }
    }
}

/// The documents that describe deployment flavours.
pub(super) struct Substitutes<'a> {
    pub documents: Vec<&'a Document>,
    base: &'static str,
}

impl<'a> Substitutes<'a> {
    /// Documents that say they substitute a node of a type; the first document when none does,
    /// or when it has more in it than the node itself.
    pub fn find(documents: &'a [Document], library: &Library, base: &'static str) -> Self {
        let substitutes = |document: &&Document| {
            let mappings = document.root.at(&["topology_template", "substitution_mappings"]);
            let node_type = mappings.and_then(|mappings| mappings.get("node_type")?.text());
            node_type.is_some_and(|name| library.is_a(Section::Node, name, base))
        };
        let mut found: Vec<&Document> = documents.iter().skip(1).filter(substitutes).collect();
        let entry = &documents[0];
        let templates = entry.root.at(&["topology_template", "node_templates"]);
        if found.is_empty()
            || substitutes(&entry)
            || templates.is_some_and(|t| t.entries().len() > 1)
        {
            found.insert(0, entry);
        }
        Self { documents: found, base }
    }

    /// The topology of one flavour: the node that it substitutes gives its properties as inputs.
    pub fn topology(
        &self,
        document: &Document,
        outer: &Template,
        library: &Library,
        log: &mut Log,
    ) -> Topology {
        let mut outer = outer.clone();
        if let Some(id) = self.flavour_id(document, &outer, library) {
            let entries = outer.properties.entries().iter().cloned().map(|mut entry| {
                if entry.key.text == "flavour_id" {
                    entry.value = Node::scalar(entry.value.place, &id);
                }
                entry
            });
            outer.properties = Node::map(outer.properties.place, entries.collect());
        }
        let properties = outer.properties.entries().iter();
        let values =
            properties.map(|entry| (entry.key.text.clone(), entry.value.clone())).collect();
        let inputs = Inputs::declared(document, &values);
        Topology::read(document, library, inputs, Some(&outer), log)
    }

    /// The flavour that a document says it is: in its mappings, in its own node, or by its node's type.
    fn flavour_id(
        &self,
        document: &Document,
        outer: &Template,
        library: &Library,
    ) -> Option<String> {
        let template = document.root.get("topology_template")?;
        let mapped = template.at(&["substitution_mappings", "properties", "flavour_id"]);
        let own = || {
            let nodes = template.get("node_templates")?.entries().iter();
            nodes.map(|entry| &entry.value).find_map(|node| {
                let is_function = library.is_a(Section::Node, node.get("type")?.text()?, self.base);
                node.at(&["properties", "flavour_id"]).filter(|_| is_function)?.text()
            })
        };
        let by_type = || {
            let properties = library.properties(Section::Node, &outer.type_name);
            properties.get("flavour_id")?.default.as_ref()?.text().map(str::to_owned)
        };
        mapped.and_then(Node::text).or_else(own).map(str::to_owned).or_else(by_type)
    }
}

/// The VNF's type may list the flavours: each should be described, and two must not be one.
fn check_flavour_ids(
    vnf: &Template,
    flavours: &[crate::vnfd::Flavour],
    library: &Library,
    log: &mut Log,
) {
    for (index, flavour) in flavours.iter().enumerate() {
        if flavours[..index].iter().any(|other| other.id == flavour.id) {
            let message = format!("two templates describe the flavour `{}`", flavour.id);
            log.error(Code::Contradiction, vnf.place, message)
                .help("give each its own `flavour_id` in `substitution_mappings`");
        }
    }
    let properties = library.properties(Section::Node, &vnf.type_name);
    let Some(allowed) = properties.get("flavour_id").and_then(|property| property.one_of()) else {
        return;
    };
    for id in allowed.iter().filter(|id| !flavours.iter().any(|flavour| flavour.id == id.as_str()))
    {
        let message =
            format!("{} allows the flavour `{id}`, and no template describes it", vnf.type_name);
        log.warning(Code::Contradiction, vnf.place, message)
            .near(|| did_you_mean(id, flavours.iter().map(|flavour| flavour.id.as_str())));
    }
}
