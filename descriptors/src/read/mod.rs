//! Reading: from a package, or from descriptor files alone, to the typed model.

mod common;
mod context;
mod entry;
mod nsd;
mod texts;
mod vnfd;

use std::io::{Read, Seek};

use crate::finding::{Finding, Log, Severity, Sources};
use crate::nsd::Nsd;
use crate::package::Package;
use crate::tosca::Files;
use crate::vnfd::Vnfd;

pub use texts::Texts;

/// What was read, and everything that was noted on the way.
#[derive(Debug, Clone)]
pub struct Reading<T> {
    /// The descriptor; `None` when there are errors.
    pub value: Option<T>,
    /// Everything that is wrong or doubtful, in the order of the files.
    pub findings: Vec<Finding>,
    /// The texts that the findings point into, for drawing.
    pub sources: Sources,
}

impl<T> Reading<T> {
    /// The findings that forbid the use of the descriptor.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }

    fn new(value: Option<T>, log: Log) -> Self {
        let value = value.filter(|_| !log.has_errors());
        let (findings, sources) = log.finish();
        Self { value, findings, sources }
    }
}

/// What a package describes.
#[derive(Debug, Clone, PartialEq)]
pub enum Descriptor {
    /// A VNF.
    Vnfd(Box<Vnfd>),
    /// A network service.
    Nsd(Box<Nsd>),
}

/// Reads a VNF package (SOL004): checks its digests and signature, and reads its VNFD.
pub fn read_vnf_package<R: Read + Seek>(package: &mut Package<R>) -> Reading<Vnfd> {
    read_package(package, vnfd::read)
}

/// Reads an NSD archive (SOL007): checks its digests and signature, and reads its NSD.
pub fn read_nsd_archive<R: Read + Seek>(package: &mut Package<R>) -> Reading<Nsd> {
    read_package(package, nsd::read)
}

/// Reads a package of either kind.
pub fn read_any<R: Read + Seek>(package: &mut Package<R>) -> Reading<Descriptor> {
    read_package(package, |files, entry, log| {
        if entry::describes_ns(files, entry) {
            nsd::read(files, entry, log).map(|(nsd, images)| (Descriptor::Nsd(nsd.into()), images))
        } else {
            vnfd::read(files, entry, log)
                .map(|(vnfd, images)| (Descriptor::Vnfd(vnfd.into()), images))
        }
    })
}

/// Reads the VNFD of a package that was read before: what its digests said then still holds.
pub fn reread_vnf_package<R: Read + Seek>(package: &mut Package<R>) -> Reading<Vnfd> {
    read_texts(package, vnfd::read)
}

/// Reads the NSD of an archive that was read before.
pub fn reread_nsd_archive<R: Read + Seek>(package: &mut Package<R>) -> Reading<Nsd> {
    read_texts(package, nsd::read)
}

/// Reads a VNFD from its files alone: what `GET .../vnfd` gives.
#[must_use]
pub fn read_vnfd_texts(mut texts: Texts) -> Reading<Vnfd> {
    read_texts(&mut texts, vnfd::read)
}

/// Reads an NSD from its files alone: what `GET .../nsd` gives.
#[must_use]
pub fn read_nsd_texts(mut texts: Texts) -> Reading<Nsd> {
    read_texts(&mut texts, nsd::read)
}

/// A value, and the images whose files must be what their checksums say.
type Found<T> = Option<(T, Vec<context::StatedImage>)>;

fn read_package<T, R: Read + Seek>(
    package: &mut Package<R>,
    read: impl FnOnce(&mut dyn Files, &str, &mut Log) -> Found<T>,
) -> Reading<T> {
    let mut log = Log::default();
    package.verify(&mut log);
    let found = entry::find(package, &mut log).and_then(|entry| read(package, &entry, &mut log));
    let value = found.map(|(value, images)| {
        context::check_images(package, &images, &mut log);
        value
    });
    Reading::new(value, log)
}

fn read_texts<T>(
    texts: &mut dyn Files,
    read: impl FnOnce(&mut dyn Files, &str, &mut Log) -> Found<T>,
) -> Reading<T> {
    let mut log = Log::default();
    let found = entry::find(texts, &mut log).and_then(|entry| read(texts, &entry, &mut log));
    Reading::new(found.map(|(value, _)| value), log)
}
