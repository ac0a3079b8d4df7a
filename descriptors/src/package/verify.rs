//! Whether a package is what its metadata say: digests of files, and the signature of the manifest.

use std::collections::BTreeSet;
use std::io::{Read, Seek};

use super::blocks::BadLine;
use super::manifest::FileDigest;
use super::signature::{self, Verdict};
use super::{Package, digest, meta};
use crate::finding::{Code, Log, Place, Severity};
use crate::suggest::nearest;
use crate::tosca::{Files, TextError};

impl<R: Read + Seek> Package<R> {
    /// Notes everything in which the package differs from its TOSCA.meta and manifest.
    pub(crate) fn verify(&mut self, log: &mut Log) {
        if let Some((file, text)) = self.metadata_text(meta::PATH, log) {
            let meta = super::ToscaMeta::parse(&text);
            let metadata = Metadata::new(file, &text, Code::BadMeta);
            metadata.note_bad_lines(&meta.bad, log);
            self.check_meta(&meta, &metadata, log);
            self.check_digests(&meta.digests, &metadata, log);
        }
        let Some(path) = self.manifest_path() else { return };
        if let Some((file, text)) = self.metadata_text(&path, log) {
            let manifest = super::Manifest::parse(&text);
            let metadata = Metadata::new(file, &text, Code::BadManifest);
            metadata.note_bad_lines(&manifest.bad, log);
            self.check_digests(&manifest.digests, &metadata, log);
            self.check_complete(&path, &manifest, log);
            self.check_signature(&path, &manifest, log);
        }
    }

    fn metadata_text(&mut self, path: &str, log: &mut Log) -> Option<(u32, String)> {
        let message = match self.text(path) {
            Ok(text) => return Some((log.add_source(path, &text).0, text)),
            Err(TextError::Missing) => return None,
            Err(TextError::TooBig) => "the file is too large".to_owned(),
            Err(TextError::NotUtf8 { offset, line, column }) => {
                log.not_utf8(path, offset, line, column);
                return None;
            }
            Err(TextError::Unreadable(why)) => format!("the file cannot be read: {why}"),
        };
        log.about_file(Severity::Error, Code::BadMeta, path, message);
        None
    }

    fn check_meta(&self, meta: &super::ToscaMeta, metadata: &Metadata<'_>, log: &mut Log) {
        for (key, value) in &meta.main {
            let is_file = key.starts_with("ETSI-Entry-") || key.starts_with("Entry-");
            // Licenses and tests are folders.
            let is_there = || {
                let folder = format!("{}/", value.trim_end_matches('/'));
                let mut behind = self.files.range(folder.clone()..);
                self.contains(value)
                    || behind.next().is_some_and(|(path, _)| path.starts_with(&folder))
            };
            if log.is_full() {
                return;
            }
            if is_file && !value.is_empty() && !is_there() {
                let place = metadata.place_of(value);
                let message = format!("`{key}` names `{value}`, which is not in the package");
                let near = || nearest(value, self.files.keys().map(String::as_str));
                if key == "Entry-Definitions" {
                    log.error(Code::MissingFile, place, message).near(near);
                } else {
                    log.warning(Code::MissingFile, place, message).near(near);
                }
            }
        }
    }

    fn check_digests(&mut self, digests: &[FileDigest], metadata: &Metadata<'_>, log: &mut Log) {
        for stated in digests {
            let place = metadata.line(stated.line);
            let source = &stated.source;
            if source.contains("://") {
                continue;
            }
            if !self.contains(source) {
                log.warning(Code::MissingFile, place, format!("`{source}` is not in the package"))
                    .near(|| nearest(source, self.files.keys().map(String::as_str)));
                continue;
            }
            let Some(algorithm) = digest::algorithm(&stated.algorithm) else {
                let message =
                    format!("`{}` is no digest algorithm that is known", stated.algorithm);
                log.error(Code::UnknownDigest, place, message).help("write SHA-256 or SHA-512");
                continue;
            };
            match self.digest(source, algorithm) {
                Ok(found) if found.eq_ignore_ascii_case(&stated.hash) => {}
                Ok(found) => log
                    .error(
                        Code::DigestMismatch,
                        place,
                        format!("`{source}` is not what its digest says"),
                    )
                    .help(format!("its {algorithm} is {found}")),
                Err(error) => {
                    let message = format!("`{source}` is damaged: {error}");
                    log.error(Code::DigestMismatch, place, message);
                }
            }
        }
    }

    /// A manifest that vouches for some files should vouch for all: the others could be anything.
    fn check_complete(&self, path: &str, manifest: &super::Manifest, log: &mut Log) {
        let listed: BTreeSet<&str> = manifest.digests.iter().map(|d| d.source.as_str()).collect();
        if listed.is_empty() {
            return;
        }
        let is_metadata = |file: &str| {
            file == path || file == meta::PATH || file.ends_with(".cert") || file.ends_with(".cms")
        };
        for file in self.files.keys().filter(|file| !listed.contains(file.as_str())) {
            if !is_metadata(file) {
                let message = format!("`{file}` is in the package and not in the manifest");
                log.about_file(Severity::Warning, Code::NoDigest, path, message)
                    .help("add its Source, Algorithm and Hash");
            }
        }
    }

    fn check_signature(&mut self, path: &str, manifest: &super::Manifest, log: &mut Log) {
        let Some(pem) = &manifest.signature else {
            if !self.trust.is_empty() {
                let message = "the manifest is not signed, and signatures are asked for";
                log.about_file(Severity::Error, Code::BadSignature, path, message)
                    .help("sign it with CMS, at its end");
            }
            return;
        };
        let certificate = self.certificate(path);
        match signature::verify(pem, &manifest.signed, certificate.as_deref(), &self.trust) {
            Verdict::Trusted => {}
            Verdict::Untrusted => {
                let message = "the signature fits, and nobody vouches for who signed";
                // Who asks for trust is not content with a signature by anybody.
                let severity =
                    if self.trust.is_empty() { Severity::Warning } else { Severity::Error };
                log.about_file(severity, Code::UntrustedSigner, path, message)
                    .help("name a trust anchor that issued the signer's certificate");
            }
            Verdict::Bad => {
                let message = "the signature does not fit the manifest";
                log.about_file(Severity::Error, Code::BadSignature, path, message)
                    .help("sign the manifest again, and put the certificate into the package");
            }
        }
    }

    /// The certificate that TOSCA.meta names, or that stands beside the manifest.
    fn certificate(&mut self, manifest: &str) -> Option<Vec<u8>> {
        let named = self.tosca_meta().ok().flatten().and_then(|meta| meta.entry_certificate());
        let beside = format!("{}.cert", manifest.trim_end_matches(".mf"));
        let path = named.unwrap_or(beside);
        self.text(&path).ok().map(String::into_bytes)
    }
}

/// A text that findings point into, line by line.
struct Metadata<'a> {
    file: u32,
    text: &'a str,
    /// Where each line starts, and how long it is.
    lines: Vec<(usize, usize)>,
    code: Code,
}

impl<'a> Metadata<'a> {
    fn new(file: u32, text: &'a str, code: Code) -> Self {
        let starts = text.split_inclusive('\n').scan(0, |offset, line| {
            let start = *offset;
            *offset += line.len();
            Some((start, line.trim_end().len()))
        });
        Self { file, text, lines: starts.collect(), code }
    }
}

impl Metadata<'_> {
    fn line(&self, number: u32) -> Place {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        match index.and_then(|index| self.lines.get(index)) {
            Some(&(offset, length)) => {
                Place { file: self.file, line: number, column: 1, offset, length }
            }
            None => Place { file: self.file, ..Place::default() },
        }
    }

    fn place_of(&self, value: &str) -> Place {
        let number = (1..).zip(self.text.lines()).find(|(_, line)| line.contains(value));
        self.line(number.map_or(0, |(number, _)| number))
    }

    fn note_bad_lines(&self, bad: &[BadLine], log: &mut Log) {
        for line in bad {
            log.error(self.code, self.line(line.number), format!("`{}` says nothing", line.text))
                .help("write `Key: value`, with an empty line between blocks");
        }
    }
}
