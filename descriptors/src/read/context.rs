//! What every part of a reading needs at hand.

use std::io::{Read, Seek};

use crate::finding::{Code, Log, Place};
use crate::package::Package;
use crate::suggest::nearest;
use crate::tosca::{Library, Section, Template, Topology};
use crate::vnfd::{ArtifactReference, Checksum};

/// What every part of a reading needs at hand.
pub(super) struct Context<'a> {
    pub library: &'a Library,
    pub topology: &'a Topology,
    /// Every file of the package.
    pub paths: &'a [String],
    /// Whether files that are named must be there.
    pub is_whole: bool,
    pub images: &'a mut Vec<StatedImage>,
    pub log: &'a mut Log,
}

/// An image file in the package and what the descriptor says of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StatedImage {
    pub file: String,
    pub checksum: Checksum,
    pub place: Place,
}

impl Context<'_> {
    /// Whether a node template is of a type, or of one that derives from it.
    pub fn is_a(&self, node: &str, base: &str) -> bool {
        let found = self.topology.nodes.get(node);
        found.is_some_and(|node| self.library.is_a(Section::Node, &node.type_name, base))
    }

    /// The first node template that fulfils a requirement and is of one of some types.
    /// What is of another type is noted; what does not exist has been noted already.
    pub fn required_of(&mut self, node: &Template, name: &str, bases: &[&str]) -> Option<String> {
        self.all_required_of(node, name, bases).into_iter().next()
    }

    /// All node templates that fulfil a requirement and are of one of some types.
    pub fn all_required_of(&mut self, node: &Template, name: &str, bases: &[&str]) -> Vec<String> {
        let mut found = Vec::new();
        for (target, place) in node.required(name) {
            if bases.iter().any(|base| self.is_a(target, base)) {
                found.push(target.to_owned());
            } else if let Some(other) = self.topology.nodes.get(target)
                && self.library.get(Section::Node, &other.type_name).is_some()
            {
                let message =
                    format!("`{target}` is a {}, which `{name}` cannot use", other.type_name);
                self.log.error(Code::WrongNode, place, message).help(format!(
                    "`{name}` of `{}` needs a {}",
                    node.name,
                    bases.join(" or ")
                ));
            }
        }
        found
    }

    /// Notes a file that is named and not in the package.
    pub fn expect_file(&mut self, file: &str, place: Place) {
        if self.is_whole && !file.contains("://") && !self.paths.iter().any(|path| path == file) {
            self.log
                .warning(Code::MissingFile, place, format!("`{file}` is not in the package"))
                .near(|| nearest(file, self.paths.iter().map(String::as_str)));
        }
    }

    /// The artifacts of a node template of one type, or of all types.
    pub fn artifacts(&mut self, node: &Template, base: Option<&str>) -> Vec<ArtifactReference> {
        let mut found = Vec::new();
        for artifact in &node.artifacts {
            let type_name = artifact.type_name.as_deref().unwrap_or_default();
            if base.is_some_and(|base| !self.library.is_a(Section::Artifact, type_name, base)) {
                continue;
            }
            self.expect_file(&artifact.file, artifact.place);
            found.push(ArtifactReference {
                name: artifact.name.clone(),
                artifact_type: artifact.type_name.clone(),
                file: artifact.file.clone(),
            });
        }
        found
    }
}

/// Notes image files that are not what their checksums say.
pub(super) fn check_images<R: Read + Seek>(
    package: &mut Package<R>,
    images: &[StatedImage],
    log: &mut Log,
) {
    let mut seen: Vec<&StatedImage> = Vec::new();
    for image in images {
        // Flavours share images; each file is read once.
        let is_known =
            |known: &&StatedImage| known.file == image.file && known.checksum == image.checksum;
        if seen.iter().any(is_known) || !package.contains(&image.file) {
            continue;
        }
        seen.push(image);
        let stated = &image.checksum;
        match package.digest(&image.file, stated.algorithm) {
            Ok(found) if found == stated.hash => {}
            Ok(found) => {
                let message = format!("`{}` is not what its checksum says", image.file);
                log.error(Code::DigestMismatch, image.place, message)
                    .help(format!("its {} is {found}", stated.algorithm));
            }
            Err(error) => {
                log.error(Code::DigestMismatch, image.place, error.to_string());
            }
        }
    }
}
