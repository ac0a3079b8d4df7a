//! `windlass lint`: checks packages and descriptors, without a server.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Serialize;
use windlass_descriptors::{
    Code, Descriptor, Finding, Package, Reading, Severity, Sources, Texts, TrustAnchors, read_any,
    read_nsd_texts, read_vnfd_texts, render,
};

use super::archive::{Archive, is_yaml};
use super::draw::{Output, Style};
use super::options::Format;
use super::outcome::Outcome;

/// Checks packages and descriptors.
#[derive(Args, Debug)]
pub struct Lint {
    /// Packages (CSAR, zip), folders that would be packages, or descriptors (YAML)
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Whom to trust to sign packages, in PEM
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
}

/// What was found in one file, as programs read it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor: Option<String>,
    findings: Vec<Finding>,
    #[serde(skip)]
    sources: Sources,
}

impl Lint {
    /// Checks each file; an error in any is a failure.
    pub fn run(self, output: &Output) -> Result<Outcome> {
        let anchors = self.trust.as_deref().map(trust_anchors).transpose()?.unwrap_or_default();
        let checks = self.files.iter().map(|file| check(file, &anchors));
        let checked = checks.collect::<Result<Vec<_>>>()?;
        output.result(&checked, |style| checked.iter().map(|one| draw(one, style)).collect())?;
        let is_error = |finding: &Finding| finding.severity == Severity::Error;
        let has_errors = checked.iter().any(|one| one.findings.iter().any(is_error));
        if has_errors && output.format == Format::Table {
            output.note("a package with errors would be refused");
        }
        Ok(if has_errors { Outcome::Failed } else { Outcome::Done })
    }
}

fn trust_anchors(file: &Path) -> Result<TrustAnchors> {
    let pem = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    TrustAnchors::from_pem(&pem).with_context(|| format!("{} is no certificate", file.display()))
}

fn check(file: &Path, anchors: &TrustAnchors) -> Result<Checked> {
    let reading = if is_yaml(file) && file.is_file() {
        read_descriptor(with_imports(file)?)
    } else {
        let archive = Archive::open(file)?.into_file();
        let about = || format!("cannot read {}", file.display());
        read_any(&mut Package::open(archive).with_context(about)?.trusting(anchors.clone()))
    };
    Ok(Checked {
        file: file.display().to_string(),
        descriptor: reading.value.as_ref().map(summary),
        findings: reading.findings,
        sources: reading.sources,
    })
}

/// A VNFD, or an NSD if it describes no VNF.
fn read_descriptor(texts: Texts) -> Reading<Descriptor> {
    let vnfd = read_vnfd_texts(texts.clone());
    if vnfd.findings.iter().any(|finding| finding.code == Code::NoFunction) {
        let nsd = read_nsd_texts(texts);
        if !nsd.findings.iter().any(|finding| finding.code == Code::NoFunction) {
            let Reading { value, findings, sources } = nsd;
            return Reading {
                value: value.map(|nsd| Descriptor::Nsd(nsd.into())),
                findings,
                sources,
            };
        }
    }
    let Reading { value, findings, sources } = vnfd;
    Reading { value: value.map(|vnfd| Descriptor::Vnfd(vnfd.into())), findings, sources }
}

/// A descriptor, and the files that it imports as far as they are there, named as it names them.
fn with_imports(file: &Path) -> Result<Texts> {
    let folder = file.parent().unwrap_or_else(|| Path::new(""));
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut waiting = imports(&name, &text);
    let mut texts = BTreeMap::from([(name, text)]);
    while let Some(name) = waiting.pop() {
        if texts.contains_key(&name) {
            continue;
        }
        // One that is missing is found by the reader, which also says where it is named.
        if let Ok(text) = fs::read(folder.join(&name)) {
            waiting.extend(imports(&name, &text));
            texts.insert(name, text);
        }
    }
    Ok(texts.into_iter().collect())
}

/// The files that a file imports and that lie below the first one's folder.
fn imports(from: &str, text: &[u8]) -> Vec<String> {
    let parsed = serde_yaml::from_slice::<serde_json::Value>(text).unwrap_or_default();
    let folder = from.rsplit_once('/').map(|(folder, _)| format!("{folder}/")).unwrap_or_default();
    let mut files = Vec::new();
    file_names(&parsed["imports"], &mut files);
    files.retain(|file| !file.contains(':') && !file.split('/').any(|part| part == ".."));
    files.iter().map(|file| format!("{folder}{}", file.trim_start_matches("./"))).collect()
}

/// An import is a file, or has a `file`, and may have a name before it.
fn file_names(import: &serde_json::Value, files: &mut Vec<String>) {
    match import {
        serde_json::Value::String(file) => files.push(file.clone()),
        serde_json::Value::Array(imports) => {
            imports.iter().for_each(|import| file_names(import, files));
        }
        serde_json::Value::Object(import) => match import.get("file") {
            Some(file) => file_names(file, files),
            None => import.values().for_each(|import| file_names(import, files)),
        },
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
    }
}

/// What a descriptor describes, in a line.
fn summary(descriptor: &Descriptor) -> String {
    match descriptor {
        Descriptor::Vnfd(vnfd) => {
            let flavours = vnfd.flavours.iter().map(|flavour| {
                let counts = [
                    counted(flavour.vdus.len(), "VDU"),
                    counted(flavour.mciops.len(), "Helm chart"),
                    counted(flavour.ext_cps.len(), "external connection point"),
                    counted(flavour.virtual_links.len(), "internal link"),
                    counted(flavour.scaling_aspects.len(), "scaling aspect"),
                ];
                of_flavour(flavour.id.as_str(), &counts)
            });
            let flavours = flavours.collect::<Vec<_>>().join("; ");
            format!(
                "VNFD {}, {} {} by {}: {flavours}",
                vnfd.id, vnfd.product_name, vnfd.software_version, vnfd.provider
            )
        }
        Descriptor::Nsd(nsd) => {
            let flavours = nsd.flavours.iter().map(|flavour| {
                let counts = [
                    counted(flavour.vnfs.len(), "VNF"),
                    counted(flavour.pnfs.len(), "PNF"),
                    counted(flavour.nested.len(), "nested NS"),
                    counted(flavour.virtual_links.len(), "link"),
                    counted(flavour.saps.len(), "access point"),
                    counted(flavour.vnffgs.len(), "forwarding graph"),
                ];
                of_flavour(flavour.id.as_str(), &counts)
            });
            let flavours = flavours.collect::<Vec<_>>().join("; ");
            format!("NSD {}, {} {} by {}: {flavours}", nsd.id, nsd.name, nsd.version, nsd.designer)
        }
    }
}

fn of_flavour(id: &str, counts: &[Option<String>]) -> String {
    let counts: Vec<&str> = counts.iter().flatten().map(String::as_str).collect();
    format!(
        "flavour {id} has {}",
        if counts.is_empty() { "nothing".to_owned() } else { counts.join(", ") }
    )
}

/// `2 VDUs`; nothing for none.
fn counted(count: usize, noun: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {noun}")),
        _ => Some(format!("{count} {noun}s")),
    }
}

fn draw(checked: &Checked, style: &Style) -> String {
    let drawing = match style.color {
        true => windlass_descriptors::Style::Terminal,
        false => windlass_descriptors::Style::Plain,
    };
    let describes = checked.descriptor.as_deref().unwrap_or("no descriptor that can be used");
    let file = style.strong(&checked.file);
    if checked.findings.is_empty() {
        return format!("{file}: {describes}\n");
    }
    // What matters most stands last, where it is still seen after many findings.
    let findings = render(&checked.findings, &checked.sources, drawing);
    format!("{findings}{file}: {describes}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_followed_in_all_ways_to_write_them() {
        let text = b"imports:\n  - types.yaml\n  - file: ./more.yaml\n  - named: { file: deep/x.yaml }\n  \
            - https://example.com/y.yaml\n  - ../outside.yaml\n";
        let found = imports("Definitions/vnfd.yaml", text);
        assert_eq!(
            found,
            ["Definitions/types.yaml", "Definitions/more.yaml", "Definitions/deep/x.yaml"]
        );
        assert!(imports("x.yaml", b"not: [yaml").is_empty());
    }

    #[test]
    fn a_descriptor_that_is_none_is_a_failure() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("empty.yaml");
        fs::write(&file, "tosca_definitions_version: tosca_simple_yaml_1_3\n").unwrap();
        let checked = check(&file, &TrustAnchors::default()).unwrap();
        assert!(checked.descriptor.is_none());
        assert!(checked.findings.iter().any(|finding| finding.severity == Severity::Error));
        let drawn = draw(&checked, &Style::default());
        assert!(drawn.contains("empty.yaml: no descriptor that can be used"), "{drawn}");
    }

    #[test]
    fn counts_leave_out_what_there_is_none_of() {
        let counts = [counted(2, "VDU"), counted(0, "Helm chart"), counted(1, "internal link")];
        assert_eq!(of_flavour("simple", &counts), "flavour simple has 2 VDUs, 1 internal link");
    }
}
