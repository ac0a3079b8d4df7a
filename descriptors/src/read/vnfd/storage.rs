//! Virtual storages.

use super::super::common::{bytes, flag, text, text_map};
use super::super::context::Context;
use super::flavour::{VIRTUAL_LINK, per_vnfc_instance};
use super::image;
use crate::tosca::Template;
use crate::vnfd::{Flavour, StorageKind, VirtualStorage};
use crate::yaml::Node;

const BLOCK: &str = "tosca.nodes.nfv.Vdu.VirtualBlockStorage";
const FILE: &str = "tosca.nodes.nfv.Vdu.VirtualFileStorage";
const OBJECT: &str = "tosca.nodes.nfv.Vdu.VirtualObjectStorage";

/// Every type of storage.
pub(super) const STORAGES: [&str; 3] = [BLOCK, FILE, OBJECT];

pub(super) fn read(context: &mut Context<'_>, flavour: &mut Flavour) {
    for base in STORAGES {
        let (topology, library) = (context.topology, context.library);
        for node in topology.of_type(library, base) {
            let storage = VirtualStorage {
                id: node.name.as_str().into(),
                kind: kind(context, base, node),
                per_vnfc_instance: per_vnfc_instance(node),
                image: image::read(context, node),
                metadata: node.metadata.clone(),
            };
            flavour.storages.insert(storage.id.clone(), storage);
        }
    }
}

fn kind(context: &mut Context<'_>, base: &str, node: &Template) -> StorageKind {
    let nothing = Node::map(node.place, Vec::new());
    let data = |name: &str| node.get(name).unwrap_or(&nothing);
    match base {
        BLOCK => {
            let data = data("virtual_block_storage_data");
            StorageKind::Block {
                size_bytes: bytes(data, "size_of_storage").unwrap_or(0),
                rdma_enabled: flag(data, "rdma_enabled"),
                requirements: text_map(data.get("vdu_storage_requirements")),
            }
        }
        FILE => {
            let data = data("virtual_file_storage_data");
            StorageKind::File {
                size_bytes: bytes(data, "size_of_storage").unwrap_or(0),
                protocol: text(data, "file_system_protocol").unwrap_or_default(),
                virtual_link: context
                    .required_of(node, "virtual_link", &[VIRTUAL_LINK])
                    .map(Into::into),
            }
        }
        _ => {
            let data = data("virtual_object_storage_data");
            StorageKind::Object { max_size_bytes: bytes(data, "max_size_of_storage") }
        }
    }
}
