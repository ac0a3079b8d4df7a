//! Software images: a property up to 3.x (with the file in an artifact), an artifact from 3.x on.

use super::super::common::{bytes, text};
use super::super::context::{Context, StatedImage};
use crate::tosca::{Artifact, Section, Template};
use crate::vnfd::{Checksum, ContainerFormat, DigestAlgorithm, DiskFormat, SwImage};
use crate::yaml::Node;

const SW_IMAGE: &str = "tosca.artifacts.nfv.SwImage";

/// The image of a VDU or storage.
pub(super) fn read(context: &mut Context<'_>, node: &Template) -> Option<SwImage> {
    let artifact = artifacts(context, node).into_iter().next();
    match (node.get("sw_image_data"), artifact) {
        (Some(data), artifact) => Some(image(context, &node.name, data, artifact.as_ref())),
        (None, Some(artifact)) => {
            let id = format!("{}/{}", node.name, artifact.name);
            Some(image(context, &id, &artifact.properties.clone(), Some(&artifact)))
        }
        (None, None) => None,
    }
}

/// All images of a container.
pub(super) fn read_all(context: &mut Context<'_>, node: &Template) -> Vec<SwImage> {
    let artifacts = artifacts(context, node);
    let id = |artifact: &Artifact| format!("{}/{}", node.name, artifact.name);
    artifacts.iter().map(|one| image(context, &id(one), &one.properties, Some(one))).collect()
}

fn artifacts(context: &Context<'_>, node: &Template) -> Vec<Artifact> {
    let is_image = |artifact: &&Artifact| {
        let type_name = artifact.type_name.as_deref().unwrap_or_default();
        context.library.is_a(Section::Artifact, type_name, SW_IMAGE)
    };
    node.artifacts.iter().filter(is_image).cloned().collect()
}

fn image(context: &mut Context<'_>, id: &str, data: &Node, artifact: Option<&Artifact>) -> SwImage {
    let checksum = data.get("checksum").and_then(checksum);
    if let Some(artifact) = artifact {
        context.expect_file(&artifact.file, artifact.place);
        if let Some(checksum) = &checksum {
            let (file, checksum) = (artifact.file.clone(), checksum.clone());
            context.images.push(StatedImage { file, checksum, place: artifact.place });
        }
    }
    let container_format = data.get("container_format").and_then(Node::text);
    SwImage {
        id: id.to_owned(),
        name: text(data, "name").unwrap_or_default(),
        version: text(data, "version").unwrap_or_default(),
        provider: text(data, "provider"),
        checksum,
        container_format: container_format
            .and_then(ContainerFormat::parse)
            .unwrap_or(ContainerFormat::Bare),
        disk_format: data.get("disk_format").and_then(Node::text).and_then(DiskFormat::parse),
        min_disk_bytes: bytes(data, "min_disk"),
        min_ram_bytes: bytes(data, "min_ram"),
        size_bytes: bytes(data, "size").unwrap_or(0),
        operating_system: text(data, "operating_system"),
        supported_virtualisation_environments: data
            .get("supported_virtualisation_environments")
            .map(Node::texts)
            .unwrap_or_default(),
        file: artifact.map(|artifact| artifact.file.clone()),
    }
}

fn checksum(node: &Node) -> Option<Checksum> {
    Some(Checksum {
        algorithm: DigestAlgorithm::parse(node.get("algorithm")?.text()?)?,
        hash: node.get("hash")?.text()?.to_ascii_lowercase(),
    })
}
