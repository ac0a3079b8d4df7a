//! From TOSCA to an NSD.

mod constituent;
mod flavour;
mod forwarding;
mod scaling;

use std::collections::BTreeMap;

use super::context::{Context, StatedImage};
use super::vnfd::Substitutes;
use crate::finding::{Code, Log, Severity};
use crate::nsd::Nsd;
use crate::tosca::{Files, Inputs, Library, Topology, load};

pub(super) const NS: &str = "tosca.nodes.nfv.NS";

/// Reads an NSD from the file that the archive names.
pub(super) fn read(
    files: &mut dyn Files,
    entry: &str,
    log: &mut Log,
) -> Option<(Nsd, Vec<StatedImage>)> {
    let documents = load(files, entry, log);
    let entry = documents.first().filter(|document| document.file == entry)?;
    let library = Library::new(&documents, log);
    let substitutes = Substitutes::find(&documents, &library, NS);
    let top = Topology::read(entry, &library, Inputs::declared(entry, &BTreeMap::new()), None, log);
    // A composite service has nodes for nested ones too; the service itself is on no link and has no profile.
    let is_nested = |name: &str| {
        top.nodes
            .values()
            .any(|node| node.requirements.iter().any(|r| r.node.as_deref() == Some(name)))
    };
    let own = |outermost: bool| {
        top.of_type(&library, NS)
            .find(|node| !outermost || (!is_nested(&node.name) && node.requirements.is_empty()))
    };
    let Some(ns) = own(true).or_else(|| own(false)) else {
        let message = "no node template is a tosca.nodes.nfv.NS, or of a type that derives from it";
        log.about_file(Severity::Error, Code::NoFunction, &entry.file, message)
            .help("an NSD has one: the network service itself");
        return None;
    };
    let (paths, is_whole) = (files.paths(), files.is_whole());
    let mut images = Vec::new();
    let mut flavours = Vec::new();
    for document in &substitutes.documents {
        let topology = substitutes.topology(document, ns, &library, log);
        topology.check(&library, log);
        let mut context = Context {
            library: &library,
            topology: &topology,
            paths: &paths,
            is_whole,
            images: &mut images,
            log,
        };
        flavours.push(flavour::read(&mut context, ns));
    }
    let first = flavours.first()?.id.clone();
    let asked = ns.text("flavour_id").filter(|id| flavours.iter().any(|f| f.id == id.as_str()));
    let nsd = Nsd {
        id: ns.text_or_empty("descriptor_id").into(),
        designer: ns.text_or_empty("designer"),
        name: ns.text_or_empty("name"),
        version: ns.text_or_empty("version"),
        invariant_id: ns.text_or_empty("invariant_id"),
        ext_invariant_id: ns.text("ext_invariant_id"),
        default_flavour: asked.map_or(first, Into::into),
        flavours,
    };
    Some((nsd, images))
}
